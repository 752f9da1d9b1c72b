#include "nn/kernels/tile_matrix.h"

#include <algorithm>

#include "nn/kernels/instruction_set.h"

namespace inkling::nn {
namespace {

int64_t size_of(int64_t k, int64_t n) {
  const int64_t width = kernels().tile_width;
  return (n + width - 1) / width * width * k;
}

}  // namespace

TileMatrix::TileMatrix(int64_t k, int64_t n) : k_(k), n_(n), panels_(size_of(k, n)) {}

int64_t TileMatrix::bytes_for(int64_t k, int64_t n) {
  return Buffer<float>::bytes_for(size_of(k, n));
}

void TileMatrix::pack(const float* w, bool transposed) {
  const int64_t width = kernels().tile_width;
  for (int64_t first = 0; first < n_; first += width) {
    const int64_t columns = std::min(width, n_ - first);
    float* panel = panels_.data() + first * k_;
    if (!transposed) {
      for (int64_t k = 0; k < k_; ++k) std::copy_n(w + k * n_ + first, columns, panel + k * width);
      continue;
    }
    // Some rows of w at a time, so that what is read in one column of them is still at hand in the
    // next.
    constexpr int64_t block = 16;
    for (int64_t begin = 0; begin < k_; begin += block) {
      const int64_t end = std::min(k_, begin + block);
      for (int64_t column = 0; column < columns; ++column) {
        const float* row = w + (first + column) * k_;
        for (int64_t k = begin; k < end; ++k) panel[k * width + column] = row[k];
      }
    }
  }
}

void TileMatrix::multiply(int64_t rows, const float* x, int64_t x_stride, float* y,
                          int64_t y_stride, bool accumulate) const {
  kernels().tile_product({rows, k_, n_, x, x_stride, panels_.data(), y, y_stride, accumulate});
}

}  // namespace inkling::nn
