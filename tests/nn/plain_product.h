#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "nn/kernels/bf16.h"

// What the tests compare products with.
namespace inkling::test {

inline std::vector<float> random_floats(Random& random, int64_t count) {
  std::vector<float> x(static_cast<size_t>(count));
  for (float& value : x) value = static_cast<float>(random.uniform(-1, 1));
  return x;
}

// x in bfloat16; x becomes what they hold.
inline std::vector<nn::Bf16> rounded_to_bf16(std::vector<float>& x) {
  std::vector<nn::Bf16> halves;
  for (float& value : x) {
    halves.push_back(nn::to_bf16(value));
    value = nn::to_float(halves.back());
  }
  return halves;
}

// Numbers, `stride` apart, as steps of one scale hold them, up and down to the largest. Returns the
// scale.
inline float round_to_steps(float* x, int64_t count, int64_t stride, float steps) {
  float largest = 0;
  for (int64_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(x[i * stride]));
  const float scale = largest / steps;
  for (int64_t i = 0; i < count && scale > 0; ++i)
    x[i * stride] = std::nearbyint(x[i * stride] * (1 / scale)) * scale;
  return scale;
}

// w [rows, columns] the other way round.
inline std::vector<float> transposed(const std::vector<float>& w, int64_t rows, int64_t columns) {
  std::vector<float> turned(w.size());
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j)
      turned[static_cast<size_t>(j * rows + i)] = w[static_cast<size_t>(i * columns + j)];
  }
  return turned;
}

// The largest error of y = [y before +] x W, x [rows, k], W [k, n], in units of the rounding of its
// sum of magnitudes.
inline double worst_error(const std::vector<float>& x, const std::vector<float>& w,
                          const std::vector<float>& before, const std::vector<float>& y,
                          int64_t rows, int64_t k, int64_t n) {
  double worst = 0;
  std::vector<double> sums(static_cast<size_t>(n)), sizes(static_cast<size_t>(n));
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t j = 0; j < n; ++j) {
      const auto at = static_cast<size_t>(j);
      sums[at] = static_cast<double>(before[static_cast<size_t>(r * n + j)]);
      sizes[at] = std::abs(sums[at]) + 1e-3;
    }
    for (int64_t i = 0; i < k; ++i) {
      const auto factor = static_cast<double>(x[static_cast<size_t>(r * k + i)]);
      for (int64_t j = 0; j < n; ++j) {
        const double term = factor * static_cast<double>(w[static_cast<size_t>(i * n + j)]);
        sums[static_cast<size_t>(j)] += term;
        sizes[static_cast<size_t>(j)] += std::abs(term);
      }
    }
    for (int64_t j = 0; j < n; ++j) {
      const auto at = static_cast<size_t>(j);
      const double error =
          std::abs(static_cast<double>(y[static_cast<size_t>(r * n + j)]) - sums[at]);
      const double units = error / (sizes[at] * 6e-8);
      if (!std::isnan(worst) && !(units <= worst)) worst = units;  // NaN, once there, stays
    }
  }
  return worst;
}

// A matrix whose rows lie further apart than they are long; between them are numbers that nobody
// may read, or change.
template <class T>
struct Spaced {
  int64_t rows, columns, stride;
  std::vector<T> numbers;

  Spaced(const std::vector<T>& from, int64_t rows_in, int64_t columns_in, int64_t space, T between)
      : rows(rows_in),
        columns(columns_in),
        stride(columns_in + space),
        numbers(static_cast<size_t>(rows_in * stride), between) {
    for (int64_t r = 0; r < rows; ++r)
      std::copy_n(from.begin() + r * columns, columns, numbers.begin() + r * stride);
  }
  T* row(int64_t r) { return numbers.data() + r * stride; }
  const T* row(int64_t r) const { return numbers.data() + r * stride; }
  std::vector<T> close() const {
    std::vector<T> together;
    for (int64_t r = 0; r < rows; ++r) together.insert(together.end(), row(r), row(r) + columns);
    return together;
  }
};

}  // namespace inkling::test
