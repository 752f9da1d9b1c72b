#pragma once

#include "nn/network_spec.h"
#include "nn/parameter_layout.h"
#include "nn/precision.h"

namespace inkling::testing {

// What the way back needs of each step and unit, in bytes: what the cell's arithmetic reads (the
// gates, the cell state), what the weights' gradients are made of (the gates' gradients, the hidden
// state and the layer's output), and the gradient that comes from above. Nothing in one place.
inline int64_t needed_for_each_unit(nn::CellKind cell, nn::Precision precision) {
  const int64_t operand = precision == nn::Precision::bf16 ? 2 : 4;
  const int64_t factors = 2 * operand, from_above = 4;  // hidden state, output
  switch (cell) {
    case nn::CellKind::rnn:
      return 4 + operand + factors + from_above;
    case nn::CellKind::lstm:
      return (4 + 1) * 4 + 4 * operand + factors + from_above;
    case nn::CellKind::gru:
      return (4 + 1) * 4 + 2 * 3 * operand + factors + from_above;
  }
  return 0;
}

// What an engine needs that trains layers of one size with one-hot input, in bytes: the weights
// packed forward and backward, the logits' gradient, and that for each step and unit.
inline int64_t needed_by_engine(const nn::NetworkSpec& spec, int64_t batch, int64_t steps,
                                nn::Precision precision) {
  const int64_t operand = precision == nn::Precision::bf16 ? 2 : 4, vocab = spec.vocab_size,
                hidden = spec.layers.front().hidden_size,
                layers = static_cast<int64_t>(spec.layers.size()),
                packed = (2 * layers - 1) * hidden * spec.gate_blocks() * hidden + hidden * vocab;
  return 2 * packed * operand + steps * batch * vocab * operand +
         steps * batch * layers * hidden * needed_for_each_unit(spec.cell, precision);
}

// And what training by Adam does: the weights, their gradient, two moments.
inline int64_t needed_by_training(const nn::NetworkSpec& spec, int64_t batch, int64_t steps,
                                  nn::Precision precision) {
  return needed_by_engine(spec, batch, steps, precision) + 4 * 4 * nn::ParameterLayout(spec).size();
}

}  // namespace inkling::testing
