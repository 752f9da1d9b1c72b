#include "nn/initialize.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/option.h"
#include "nn/parameter_layout.h"

namespace inkling::nn {
namespace {

using Matrix = std::vector<double>;  // [n, n]

std::vector<float> weights_of(const NetworkSpec& spec, uint64_t seed, int threads = 1,
                              bool orthogonal = true) {
  ThreadPool pool(threads);
  Random random(seed);
  return initialize(spec, {.orthogonal = orthogonal, .log_unigram = {}}, random, pool);
}

// A layer's recurrent matrix [n, gates * n], by gate.
std::vector<Matrix> recurrent_gates(const NetworkSpec& spec, const std::vector<float>& weights,
                                    const char* name) {
  const ParameterLayout layout(spec);
  const ParameterInfo& info = layout.at(name);
  const int64_t n = info.rows, gates = info.cols / n;
  std::vector<Matrix> found(static_cast<size_t>(gates));
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < info.cols; ++j)
      found[static_cast<size_t>(j / n)].push_back(
          static_cast<double>(weights[static_cast<size_t>(info.offset + i * info.cols + j)]));
  }
  return found;
}

// The largest difference between a a' and the unit matrix.
double distance_from_orthonormal(const Matrix& a, size_t n) {
  double worst = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k <= i; ++k) {
      double dot = i == k ? -1 : 0;
      for (size_t j = 0; j < n; ++j) dot += a[i * n + j] * a[k * n + j];
      worst = std::max(worst, std::abs(dot));
    }
  }
  return worst;
}

constexpr const char* recurrent[] = {"rnn.weight_hh_l0", "rnn.weight_hh_l1"};

TEST_CASE("recurrent matrices begin orthonormal, each gate's another one") {
  for (const CellKind cell : {CellKind::rnn, CellKind::lstm, CellKind::gru}) {
    for (const size_t n : {size_t{1}, size_t{16}, size_t{33}}) {
      INFO(name_of(cell), " ", n);
      const NetworkSpec spec = NetworkSpec::chain(9, 0, cell, 2, static_cast<int64_t>(n));
      const std::vector<float> weights = weights_of(spec, 1);
      std::vector<Matrix> all;
      for (const char* name : recurrent) {
        const std::vector<Matrix> gates = recurrent_gates(spec, weights, name);
        CHECK(std::ssize(gates) == spec.gate_blocks());
        all.insert(all.end(), gates.begin(), gates.end());
      }
      for (size_t g = 0; g < all.size(); ++g) {
        CHECK(distance_from_orthonormal(all[g], n) < 2e-4);
        for (size_t other = 0; other < g && n > 1; ++other) CHECK(all[g] != all[other]);
      }
    }
  }
}

TEST_CASE("fresh weights follow from the seed alone, on any threads") {
  const NetworkSpec spec = NetworkSpec::chain(9, 4, CellKind::lstm, 2, 33);
  const std::vector<float> once = weights_of(spec, 7);
  for (const int threads : {1, 3}) CHECK(weights_of(spec, 7, threads) == once);
  CHECK(weights_of(spec, 8) != once);
}

TEST_CASE("uniform recurrent weights are within 1 / sqrt(H), and not orthonormal") {
  const NetworkSpec spec = NetworkSpec::chain(9, 0, CellKind::gru, 2, 33);
  const std::vector<float> weights = weights_of(spec, 1, 1, false);
  for (const char* name : recurrent) {
    for (const Matrix& gate : recurrent_gates(spec, weights, name)) {
      const auto [least, most] = std::minmax_element(gate.begin(), gate.end());
      const double limit = 1 / std::sqrt(33.0);
      CHECK(*most <= limit);
      CHECK(*least >= -limit);
      CHECK(*most - *least > 1.9 * limit);
      CHECK(distance_from_orthonormal(gate, 33) > 0.1);
    }
  }
}

}  // namespace
}  // namespace inkling::nn
