#include "nn/panel_matrix.h"

#include <algorithm>

namespace inkling::nn {

PanelMatrix::PanelMatrix(const float* w, int64_t k, int64_t n, Precision precision) : k_(k), n_(n) {
  const int64_t width = kernels().panel_width, even = (k + 1) / 2 * 2;
  panels_ = (n + width - 1) / width;
  const bool bf16 = precision == Precision::bf16;
  if (bf16) halves_ = Buffer<Bf16>(panels_ * even * width);
  if (!bf16) floats_ = Buffer<float>(panels_ * even * width);
  for (int64_t p = 0; p < panels_; ++p) {
    const int64_t columns = std::min(width, n - p * width), panel = p * even * width;
    for (int64_t row = 0; row < k; ++row) {
      const float* from = w + row * n + p * width;
      if (!bf16) {
        std::copy_n(from, columns, floats_.data() + panel + row * width);
        continue;
      }
      Bf16* pairs = halves_.data() + panel + row / 2 * 2 * width + row % 2;
      for (int64_t column = 0; column < columns; ++column)
        pairs[2 * column] = to_bf16(from[column]);
    }
  }
}

void PanelMatrix::multiply(int64_t m, const float* x, int64_t x_stride, const float* bias,
                           bool accumulate, float* y, int64_t y_stride, int64_t begin,
                           int64_t end) const {
  const bool bf16 = halves_.size() > 0;
  const void* panels = bf16 ? static_cast<const void*>(halves_.data()) : floats_.data();
  const SmallProduct product{m, k_,       n_,   x,          x_stride, panels,
                             y, y_stride, bias, accumulate, begin,    end};
  (bf16 ? kernels().small_product_bf16 : kernels().small_product_f32)(product);
}

}  // namespace inkling::nn
