#pragma once

#include <cstdint>

#include "base/thread_pool.h"
#include "nn/buffer.h"
#include "nn/kernels/instruction_set.h"
#include "nn/precision.h"

namespace inkling::nn {

// A weight matrix W [k, n] in panels of columns for products with few rows, which are bound by
// reading W: y = x W. bf16 halves what is read; int8 halves it again: each column is rounded to 127
// steps up and down to its largest (Jacob et al. 2018, arXiv 1712.05877, with symmetric scales). x
// is float, but where the processor multiplies narrow numbers it is rounded, too: to bfloat16 with
// AVX-512 BF16 (with AMX to the sum of two), or beside int8, with AVX-512 VNNI or with AVX2 where
// there is no AVX-512, each row to 32512 steps up and down. Sums are float. Immutable after
// construction; any number of threads may use it.
class PanelMatrix {
 public:
  PanelMatrix() = default;
  // w [k, n], row-major. pool: shares the packing, but for int8.
  PanelMatrix(const float* w, int64_t k, int64_t n, Precision precision,
              ThreadPool* pool = nullptr);

  int64_t panels() const { return panels_; }
  int64_t bytes() const {
    return floats_.size() * 4 + halves_.size() * 2 + bytes_.size() +
           (scales_.size() + sums_.size()) * 4;
  }

  // The columns of panels [begin, end) of y [m, y_stride] = or += x [m, x_stride] W + bias.
  void multiply(int64_t m, const float* x, int64_t x_stride, const float* bias, bool accumulate,
                float* y, int64_t y_stride, int64_t begin, int64_t end) const;

 private:
  void pack_bytes(const float* w);

  int64_t k_ = 0, n_ = 0, panels_ = 0;
  Buffer<float> floats_;  // [panels, k rounded up to even, width] by place_in_panel()
  Buffer<Bf16> halves_;   // [panels, k/2, width, 2]
  Buffer<int8_t> bytes_;  // [panels, k/4, width, 4]
  Buffer<float> scales_;  // [n] a step of each column of bytes_
  Buffer<int32_t> sums_;  // [n] of each column of bytes_
};

}  // namespace inkling::nn
