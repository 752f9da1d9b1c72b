#pragma once

#include "nn/buffer.h"
#include "nn/kernels/kernel_table.h"

namespace inkling::nn {

// A layer's recurrent weights [H, G*H] as LayerKernels read them, for the way forward and, for
// training, the way back.
class GatePanels {
 public:
  GatePanels() = default;
  GatePanels(const LayerKernels& kernels, int64_t hidden, int64_t width, bool train)
      : kernels_(&kernels), hidden_(hidden), forward_(hidden * width) {
    if (train) backward_ = Buffer<Bf16>(hidden * width);
  }

  // The panels of units [begin, end), multiples of LayerKernels::unit_multiple.
  void pack(const float* weights, int64_t begin, int64_t end) {
    kernels_->pack_forward(weights, hidden_, forward_.data(), begin, end);
    if (backward_.size() > 0)
      kernels_->pack_backward(weights, hidden_, backward_.data(), begin, end);
  }

  const Bf16* forward() const { return forward_.data(); }
  const Bf16* backward() const { return backward_.data(); }
  int64_t bytes() const { return forward_.bytes() + backward_.bytes(); }

 private:
  const LayerKernels* kernels_ = nullptr;
  int64_t hidden_ = 0;
  Buffer<Bf16> forward_, backward_;
};

}  // namespace inkling::nn
