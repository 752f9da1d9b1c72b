#include "nn/initialize.h"

#include <algorithm>
#include <cmath>

#include "nn/parameter_layout.h"

namespace inkling::nn {
namespace {

// Makes the n rows of a [n, n] orthonormal, one after another (modified Gram-Schmidt).
void orthonormalize(std::vector<float>& a, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    float* row = a.data() + i * n;
    for (size_t k = 0; k < i; ++k) {
      const float* done = a.data() + k * n;
      float dot = 0;
      for (size_t j = 0; j < n; ++j) dot += row[j] * done[j];
      for (size_t j = 0; j < n; ++j) row[j] -= dot * done[j];
    }
    double square = 0;
    for (size_t j = 0; j < n; ++j)
      square += static_cast<double>(row[j]) * static_cast<double>(row[j]);
    const auto scale = static_cast<float>(1 / std::sqrt(square));
    for (size_t j = 0; j < n; ++j) row[j] *= scale;
  }
}

void fill_orthogonal(float* w, int64_t hidden, int64_t gates, uint64_t seed, ThreadPool& pool) {
  const auto n = static_cast<size_t>(hidden);
  pool.run(gates, [&](int64_t gate) {
    Random random(seed, static_cast<uint64_t>(gate));
    std::vector<float> a(n * n);
    for (float& x : a) x = static_cast<float>(random.normal());
    orthonormalize(a, n);
    for (size_t i = 0; i < n; ++i) {
      std::copy_n(a.data() + i * n, n,
                  w + static_cast<int64_t>(i) * gates * hidden + gate * hidden);
    }
  });
}

}  // namespace

std::vector<float> initialize(const NetworkSpec& spec, const InitializeOptions& options,
                              Random& random, ThreadPool& pool) {
  using Role = ParameterInfo::Role;
  const ParameterLayout layout(spec);
  std::vector<float> weights(static_cast<size_t>(layout.size()));
  for (const ParameterInfo& info : layout.all()) {
    float* w = weights.data() + info.offset;
    const int64_t fan = info.role == Role::head_weight ? info.rows / spec.stacks()
                        : info.layer >= 0 ? spec.layers[static_cast<size_t>(info.layer)].hidden_size
                                          : spec.head_input_size();
    const double limit = 1 / std::sqrt(static_cast<double>(fan));
    const auto fill_uniform = [&] {
      for (int64_t i = 0; i < info.size(); ++i)
        w[i] = static_cast<float>(random.uniform(-limit, limit));
    };
    switch (info.role) {
      case Role::embedding:
        for (int64_t i = 0; i < info.size(); ++i) w[i] = static_cast<float>(random.normal());
        break;
      case Role::recurrent_weight:
        if (options.orthogonal) {
          fill_orthogonal(w, info.rows, spec.gate_blocks(), random.bits(), pool);
          break;
        }
        fill_uniform();
        break;
      case Role::input_weight:
      case Role::head_weight:
      case Role::bias:
        fill_uniform();
        break;
      case Role::gain:
        std::fill_n(w, info.size(), info.name.starts_with("norm.gain") ? 1.F : 0.F);
        break;
      case Role::head_bias:
        for (size_t i = 0; i < options.log_unigram.size(); ++i)
          w[i] = static_cast<float>(options.log_unigram[i]);
        break;
      case Role::initial_state:
        break;
    }
    if (spec.cell == CellKind::lstm && info.role == Role::bias && info.name.starts_with("rnn.")) {
      const int64_t hidden = info.cols / 4;
      std::fill_n(w + hidden, hidden, info.name.starts_with("rnn.bias_ih") ? 1.F : 0.F);
    }
    if (info.name.starts_with("norm.bias")) std::fill_n(w, info.size(), 0.F);
    if (options.zero_input < 0) continue;
    if (info.role == Role::embedding)
      std::fill_n(w + options.zero_input * info.cols, info.cols, 0.F);
    if (info.role == Role::input_weight && spec.embedding_size == 0) {
      int64_t row = 0;
      for (const int source : spec.layers[static_cast<size_t>(info.layer)].inputs) {
        if (source == LayerSpec::network_input)
          std::fill_n(w + (row + options.zero_input) * info.cols, info.cols, 0.F);
        row += spec.source_size(source);
      }
    }
  }
  return weights;
}

}  // namespace inkling::nn
