#pragma once

#include <algorithm>
#include <cstdint>

#include "nn/kernels/kernel_table.h"

// Between [rows, H] and the strips in which LayerKernels keep what is a layer's own; H in multiples
// of strip_units.
namespace inkling::nn {

inline void rows_to_strips(const float* from, int64_t rows, int64_t hidden, float* strips) {
  constexpr int64_t strip = LayerKernels::strip_units;
  for (int64_t unit = 0; unit < hidden; unit += strip) {
    for (int64_t row = 0; row < rows; ++row, strips += strip)
      std::copy_n(from + row * hidden + unit, strip, strips);
  }
}

inline void strips_to_rows(const float* strips, int64_t rows, int64_t hidden, float* to) {
  constexpr int64_t strip = LayerKernels::strip_units;
  for (int64_t unit = 0; unit < hidden; unit += strip) {
    for (int64_t row = 0; row < rows; ++row, strips += strip)
      std::copy_n(strips, strip, to + row * hidden + unit);
  }
}

}  // namespace inkling::nn
