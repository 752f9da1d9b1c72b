#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "nn/buffer.h"
#include "nn/cell_traits.h"
#include "nn/kernels/bf16.h"
#include "nn/network_spec.h"

namespace inkling::nn {

// What StackPass writes on its way from a token to its logits: some rows of each, of as many
// numbers as the widest layer has; `outputs` one after the other of the stack's layers.
struct StepScratch {
  Buffer<float> ax, ah;              // sums of the gates, from a layer's input and from its state
  Buffer<float> normed_x, normed_h;  // the same, normalised
  Buffer<float> x_hat, rstd, tape;   // what layer normalisation keeps for itself
  Buffer<float> previous, next_c, outputs;
  Buffer<Bf16> unused;  // the states, rounded
  Buffer<float> embedded;
  std::vector<const float*> ax_rows, ah_rows, h_rows, c_rows;

  // Makes room for so many rows; what stood in them is lost.
  void grow(int64_t rows, const NetworkSpec& spec, std::span<const LayerSpec> layers) {
    if (rows <= rows_) return;
    const CellTraits cell(spec);
    int64_t hidden = 0, all_hidden = 0;
    for (const LayerSpec& layer : layers) {
      hidden = std::max(hidden, layer.hidden_size);
      all_hidden += layer.hidden_size;
    }
    const int64_t width = cell.gate_blocks * hidden, normed = spec.layer_norm ? rows : 0;
    ax = Buffer<float>(rows * width), ah = Buffer<float>(rows * width);
    normed_x = Buffer<float>(normed * width), normed_h = Buffer<float>(normed * width);
    x_hat = Buffer<float>(normed * width), rstd = Buffer<float>(normed);
    tape = Buffer<float>(normed * cell.tape_blocks * hidden);
    previous = Buffer<float>(rows * hidden), next_c = Buffer<float>(rows * hidden);
    outputs = Buffer<float>(rows * all_hidden), unused = Buffer<Bf16>(rows * hidden);
    embedded = Buffer<float>(rows * spec.embedding_size);
    for (auto* of_rows : {&ax_rows, &ah_rows, &h_rows, &c_rows})
      of_rows->resize(static_cast<size_t>(rows));
    rows_ = rows;
  }

 private:
  int64_t rows_ = 0;  // that there is room for
};

}  // namespace inkling::nn
