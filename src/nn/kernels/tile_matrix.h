#pragma once

#include <cstdint>

#include "nn/buffer.h"

namespace inkling::nn {

// A weight matrix W [k, n] in panels for tile_product: the products of training where oneDNN packs
// no weights (without AVX-512 it multiplies small batches at half its rate). Float32. Not to be
// packed and multiplied at the same time; any number of threads may multiply.
class TileMatrix {
 public:
  TileMatrix() = default;
  TileMatrix(int64_t k, int64_t n);

  // From w [k, n], or transposed from w [n, k].
  void pack(const float* w, bool transposed);
  int64_t bytes() const { return panels_.bytes(); }
  static int64_t bytes_for(int64_t k, int64_t n);

  // y [rows, y_stride] = or += x [rows, x_stride] W.
  void multiply(int64_t rows, const float* x, int64_t x_stride, float* y, int64_t y_stride,
                bool accumulate) const;

 private:
  int64_t k_ = 0, n_ = 0;
  Buffer<float> panels_;  // [n / width, k, width]; what pads the last panel stays zero
};

}  // namespace inkling::nn
