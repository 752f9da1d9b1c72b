#pragma once

#include <cmath>
#include <vector>

#include "nn/kernels/kernel_table.h"
#include "nn/plain_product.h"
#include "nn/precision.h"

namespace inkling::test {

using SmallProductKernel = void (*)(const nn::SmallProduct&);

inline SmallProductKernel small_product_of(const nn::KernelTable& table, nn::Precision precision) {
  if (precision == nn::Precision::f32) return table.small_product_f32;
  return precision == nn::Precision::bf16 ? table.small_product_bf16 : table.small_product_int8;
}

// W [k, n] in panels of small_product as kernel_table.h describes them, and what they hold of it.
struct PackedWeights {
  nn::Precision precision;
  int64_t k, n, width, panels;
  std::vector<float> values;  // [k, n]
  std::vector<float> floats;
  std::vector<nn::Bf16> halves;
  std::vector<int8_t> bytes;
  std::vector<float> scales;
  std::vector<int32_t> sums;

  PackedWeights(const std::vector<float>& w, int64_t k_in, int64_t n_in, nn::Precision precision_in,
                int64_t width_in)
      : precision(precision_in),
        k(k_in),
        n(n_in),
        width(width_in),
        panels((n_in + width_in - 1) / width_in),
        values(w) {
    if (precision == nn::Precision::f32) pack_floats();
    if (precision == nn::Precision::bf16) pack_halves();
    if (precision == nn::Precision::int8) pack_bytes();
  }

  // All panels.
  nn::SmallProduct product(int64_t m, const float* x, int64_t x_stride, float* y, int64_t y_stride,
                           const float* bias, bool accumulate) const {
    nn::SmallProduct p{m, k,        n,    x,          x_stride, floats.data(),
                       y, y_stride, bias, accumulate, 0,        panels};
    if (precision == nn::Precision::bf16) p.panels = halves.data();
    if (precision == nn::Precision::int8)
      p.panels = bytes.data(), p.scales = scales.data(), p.sums = sums.data();
    return p;
  }

 private:
  // Of W's number in that place, where `group` rows stand side by side.
  size_t place(int64_t row, int64_t column, int64_t group) const {
    const int64_t padded = (k + group - 1) / group * group;
    return static_cast<size_t>(column / width * padded * width + row / group * group * width +
                               column % width * group + row % group);
  }
  size_t size(int64_t group) const {
    return static_cast<size_t>(panels * width * ((k + group - 1) / group * group));
  }
  float& value(int64_t row, int64_t column) {
    return values[static_cast<size_t>(row * n + column)];
  }

  void pack_floats() {
    const int64_t padded = (k + 1) / 2 * 2;
    floats.resize(size(2));
    for (int64_t i = 0; i < k; ++i) {
      for (int64_t j = 0; j < n; ++j)
        floats[static_cast<size_t>(j / width * padded * width +
                                   nn::place_in_panel(i, j % width, width, padded))] = value(i, j);
    }
  }

  void pack_halves() {
    halves.resize(size(2));
    for (int64_t i = 0; i < k; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        halves[place(i, j, 2)] = nn::to_bf16(value(i, j));
        value(i, j) = nn::to_float(halves[place(i, j, 2)]);
      }
    }
  }

  void pack_bytes() {
    bytes.resize(size(4));
    for (int64_t j = 0; j < n; ++j) {
      scales.push_back(round_to_steps(&values[static_cast<size_t>(j)], k, n, 127));
      sums.push_back(0);
      for (int64_t i = 0; i < k && scales.back() > 0; ++i) {
        const auto steps = static_cast<int8_t>(std::lrint(value(i, j) / scales.back()));
        bytes[place(i, j, 4)] = steps;
        sums.back() += steps;
      }
    }
  }
};

}  // namespace inkling::test
