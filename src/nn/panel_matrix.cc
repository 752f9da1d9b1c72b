#include "nn/panel_matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace inkling::nn {
namespace {

// Two rows, side by side.
void pack_pair(const float* first, const float* second, int64_t columns, Bf16* pairs) {
  for (int64_t i = 0; i < columns; ++i) {
    const uint32_t both = to_bf16(first[i]).bits | uint32_t{to_bf16(second[i]).bits} << 16;
    std::memcpy(static_cast<void*>(pairs + 2 * i), &both, sizeof both);
  }
}

}  // namespace

PanelMatrix::PanelMatrix(const float* w, int64_t k, int64_t n, Precision precision,
                         ThreadPool* pool)
    : k_(k), n_(n) {
  const int64_t width = kernels().panel_width, even = (k + 1) / 2 * 2;
  panels_ = (n + width - 1) / width;
  if (precision == Precision::int8) {
    pack_bytes(w);
    return;
  }
  const bool bf16 = precision == Precision::bf16;
  if (bf16) halves_ = Buffer<Bf16>(panels_ * even * width);
  if (!bf16) floats_ = Buffer<float>(panels_ * even * width);
  // Row by row, as they stand in memory: they come from there for the first time.
  const std::vector<float> zeros(static_cast<size_t>(n));
  const auto pack = [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row += bf16 ? 2 : 1) {
      const float* from = w + row * n;
      const float* second = row + 1 < k ? from + n : zeros.data();
      for (int64_t p = 0; p < panels_; ++p) {
        const int64_t column = p * width, columns = std::min(width, n - column);
        const int64_t panel = p * even * width;
        if (bf16) {
          pack_pair(from + column, second + column, columns, halves_.data() + panel + row * width);
        } else {
          for (int64_t c = 0; c < columns; c += width / 2) {
            std::copy_n(from + column + c, std::min(width / 2, columns - c),
                        floats_.data() + panel + place_in_panel(row, c, width, even));
          }
        }
      }
    }
  };
  const int64_t parts = pool == nullptr ? 1 : pool->threads();
  if (parts == 1) {
    pack(0, k);
    return;
  }
  pool->run(parts, [&](int64_t part) {
    const auto begin_of = [&](int64_t of) { return std::min(k, even / 2 * of / parts * 2); };
    pack(begin_of(part), begin_of(part + 1));
  });
}

void PanelMatrix::pack_bytes(const float* w) {
  constexpr float most = 127;
  const int64_t width = kernels().panel_width, padded = (k_ + 3) / 4 * 4;
  bytes_ = Buffer<int8_t>(panels_ * padded * width);
  scales_ = Buffer<float>(n_), sums_ = Buffer<int32_t>(n_);
  for (int64_t row = 0; row < k_; ++row) {
    for (int64_t column = 0; column < n_; ++column) {
      const float size = std::abs(w[row * n_ + column]);
      // A weight that is no number stays.
      if (!(size <= scales_[column]) && !std::isnan(scales_[column])) scales_[column] = size;
    }
  }
  for (int64_t column = 0; column < n_; ++column) {
    const float largest = scales_[column];
    scales_[column] =
        std::isfinite(largest) ? largest / most : std::numeric_limits<float>::quiet_NaN();
  }
  for (int64_t row = 0; row < k_; ++row) {
    for (int64_t column = 0; column < n_; ++column) {
      const float steps = w[row * n_ + column] * (1 / scales_[column]);  // zeros: no number
      if (!(std::abs(steps) <= most + 1)) continue;
      const auto value = static_cast<int8_t>(std::lrint(std::clamp(steps, -most, most)));
      const int64_t at = column / width * padded * width + row / 4 * 4 * width;
      bytes_[at + column % width * 4 + row % 4] = value;
      sums_[column] += value;
    }
  }
}

void PanelMatrix::multiply(int64_t m, const float* x, int64_t x_stride, const float* bias,
                           bool accumulate, float* y, int64_t y_stride, int64_t begin,
                           int64_t end) const {
  SmallProduct product{m, k_,       n_,   x,          x_stride, floats_.data(),
                       y, y_stride, bias, accumulate, begin,    end};
  if (bytes_.size() > 0) {
    product.panels = bytes_.data(), product.scales = scales_.data(), product.sums = sums_.data();
    kernels().small_product_int8(product);
  } else if (halves_.size() > 0) {
    product.panels = halves_.data();
    kernels().small_product_bf16(product);
  } else {
    kernels().small_product_f32(product);
  }
}

}  // namespace inkling::nn
