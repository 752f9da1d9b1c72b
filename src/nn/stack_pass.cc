#include "nn/stack_pass.h"

#include <algorithm>
#include <span>
#include <type_traits>

#include "nn/chunk.h"
#include "nn/kernels/instruction_set.h"
#include "nn/step_parts.h"

namespace inkling::nn {
namespace {

// Rows of logits become `share` times their softmax.
void softmax(int64_t rows, int64_t vocab, float share, float* logits) {
  for (int64_t row = 0; row < rows; ++row, logits += vocab) {
    const float largest = *std::max_element(logits, logits + vocab);
    for (int64_t v = 0; v < vocab; ++v) logits[v] -= largest;
    kernels().exp(logits, logits, vocab);
    float sum = 0;
    for (int64_t v = 0; v < vocab; ++v) sum += logits[v];
    for (int64_t v = 0; v < vocab; ++v) logits[v] = share / sum * logits[v];
  }
}

}  // namespace

StackPass::StackPass(const StepNetwork& network, size_t stack)
    : net_(network), stack_(network.stacks[stack]) {}

void StackPass::grow(int64_t rows) {
  const auto layers = std::span(net_.spec.layers);
  scratch_.grow(rows, net_.spec, layers.subspan(stack_.first_layer, stack_.layers));
}

float* StackPass::output_of(int source, int64_t rows) {
  if (source == LayerSpec::network_input) return scratch_.embedded.data();
  float* output = scratch_.outputs.data();
  for (size_t l = stack_.first_layer; l < static_cast<size_t>(source); ++l)
    output += rows * net_.hidden(l);
  return output;
}

template <class F>
void StackPass::over_panels(int64_t panels, int64_t multiplications, F&& f) {
  // With less to do, a meeting costs more than it saves.
  constexpr int64_t least_multiplications = int64_t{128} << 10;
  in_parts(pool_, panels, multiplications >= least_multiplications, f);
}

void StackPass::embed(int64_t rows, const int32_t* tokens) {
  const int64_t size = net_.spec.embedding_size;
  for (int64_t row = 0; net_.embedding != nullptr && row < rows; ++row) {
    const float* from =
        tokens[row] == Chunk::no_input ? net_.zeros.data() : net_.embedding + tokens[row] * size;
    std::copy_n(from, size, scratch_.embedded.data() + row * size);
  }
}

void StackPass::multiply_input(size_t l, int64_t rows, int64_t begin, int64_t end) {
  const StepNetwork::Panels& panels = net_.layers[l];
  for (size_t i = 0; i < panels.input.size(); ++i) {
    panels.input[i].multiply(rows, output_of(panels.source[i], rows),
                             net_.spec.source_size(panels.source[i]), nullptr, i > 0,
                             scratch_.ax.data(), net_.width(l), begin, end);
  }
}

void StackPass::look_up(size_t l, int64_t rows, const int32_t* tokens) {
  const StepNetwork::Panels& panels = net_.layers[l];
  const int64_t width = net_.width(l);
  for (int64_t row = 0; row < rows; ++row) {
    const bool looks_up = panels.look_up_row >= 0 && tokens[row] != Chunk::no_input;
    const float* looked_up =
        looks_up ? net_.vectors[l].table + tokens[row] * width : net_.zeros.data();
    float* sums = scratch_.ax.data() + row * width;
    if (!panels.input.empty() && looks_up) kernels().add_rows_f32(looked_up, 1, width, width, sums);
    scratch_.ax_rows[static_cast<size_t>(row)] = panels.input.empty() ? looked_up : sums;
  }
}

void StackPass::layer_norm(const Part& part, int64_t width, const float* const* x,
                           const float* gain, const float* bias, Buffer<float>& y) {
  const int64_t at = part.room * width;
  kernels().layer_norm({part.count, width, x, gain, bias, scratch_.x_hat.data() + at,
                        scratch_.rstd.data() + part.room, y.data() + at});
}

void StackPass::advance(size_t l, const Part& part, float* const* states, int64_t offset) {
  if (net_.narrow) {
    advance_as<Bf16>(l, part, states, offset);
  } else {
    advance_as<float>(l, part, states, offset);
  }
}

template <class Operand>
void StackPass::advance_as(size_t l, const Part& part, float* const* states, int64_t offset) {
  const int64_t hidden = net_.hidden(l), width = net_.width(l);
  const int64_t count = part.count, room = part.room;
  const bool has_c = net_.cell.state_blocks == 2;
  const StepNetwork::LayerVectors& vector = net_.vectors[l];
  const float** sums = scratch_.ax_rows.data() + part.first;
  ForwardStep<Operand> s{};
  s.rows = count, s.hidden = hidden;
  s.ah = scratch_.ah.data() + room * width;
  if (net_.spec.layer_norm) {
    const float** from_state = scratch_.ah_rows.data() + room;
    for (int64_t row = 0; row < count; ++row) from_state[row] = s.ah + row * width;
    layer_norm(part, width, sums, vector.gain_ih, vector.bias_ih, scratch_.normed_x);
    layer_norm(part, width, from_state, vector.gain_hh, vector.bias_hh, scratch_.normed_h);
    for (int64_t row = 0; row < count; ++row)
      sums[row] = scratch_.normed_x.data() + (room + row) * width;
    s.ah = scratch_.normed_h.data() + room * width;
    s.tape = scratch_.tape.data() + room * net_.cell.tape_blocks * hidden;
    if (has_c) s.gain_c = vector.gain_c, s.bias_c = vector.bias_c;
  } else {
    s.bias_x = vector.bias_ih, s.bias_h = vector.bias_hh;
  }
  const float **prev_h = scratch_.h_rows.data() + room, **prev_c = scratch_.c_rows.data() + room;
  for (int64_t row = 0; row < count; ++row) {
    prev_h[row] = states[row] + offset;
    prev_c[row] = states[row] + offset + hidden;
  }
  s.ax = sums;
  s.prev_h = prev_h, s.prev_c = prev_c;
  float* next_h = output_of(static_cast<int>(l), part.rows) + part.first * hidden;
  if constexpr (std::is_same_v<Operand, float>) {
    s.h_operand = next_h;
  } else {
    s.next_h = next_h;
    s.h_operand = scratch_.unused.data() + room * hidden;
  }
  s.next_c = scratch_.next_c.data() + room * hidden;
  cell_kernels<Operand>(kernels(), net_.cell.index).forward(s);
  for (int64_t row = 0; row < count; ++row) {
    std::copy_n(next_h + row * hidden, hidden, states[row] + offset);
    if (has_c) std::copy_n(s.next_c + row * hidden, hidden, states[row] + offset + hidden);
  }
}

void StackPass::run_layer(size_t l, int64_t rows, const int32_t* tokens, float* const* states,
                          int64_t offset) {
  const int64_t hidden = net_.hidden(l), width = net_.width(l);
  over_rows(pool_, rows, hidden, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      std::copy_n(states[row] + offset, hidden, scratch_.previous.data() + row * hidden);
  });
  const int64_t work = rows * width * (hidden + (net_.layers[l].input.empty() ? 0 : hidden));
  over_panels(net_.recurrent[l].panels(), work, [&](int64_t begin, int64_t end) {
    net_.recurrent[l].multiply(rows, scratch_.previous.data(), hidden, nullptr, false,
                               scratch_.ah.data(), width, begin, end);
    multiply_input(l, rows, begin, end);
  });
  look_up(l, rows, tokens);
  over_rows(pool_, rows, hidden, [&](int64_t begin, int64_t end) {
    advance(l, {rows, begin, end - begin, begin}, states + begin, offset);
  });
}

void StackPass::predict(int64_t rows, int64_t first, float* logits) {
  const StepNetwork::Panels& head = net_.head;
  const int64_t vocab = net_.spec.vocab_size, count = rows - first;
  const size_t begin = stack_.first_head, end = begin + stack_.heads;
  int64_t width = 0;
  for (size_t i = begin; i < end; ++i) width += net_.spec.source_size(head.source[i]);
  over_panels(head.input[begin].panels(), count * vocab * width,
              [&](int64_t first_panel, int64_t last_panel) {
                for (size_t i = begin; i < end; ++i) {
                  const int64_t size = net_.spec.source_size(head.source[i]);
                  head.input[i].multiply(count, output_of(head.source[i], rows) + first * size,
                                         size, i == begin ? net_.head_bias : nullptr, i > begin,
                                         logits, vocab, first_panel, last_panel);
                }
              });
  if (!net_.spec.mixture) return;
  over_rows(pool_, count, vocab, [&](int64_t from, int64_t to) {
    const float share = 1 / static_cast<float>(net_.stacks.size());
    softmax(to - from, vocab, share, logits + from * vocab);
  });
}

void StackPass::step(int64_t rows, const int32_t* tokens, float* const* states, float* logits,
                     ThreadPool* pool) {
  pool_ = pool;
  embed(rows, tokens);
  int64_t offset = stack_.state_offset;
  for (size_t l = stack_.first_layer; l < stack_.first_layer + stack_.layers; ++l) {
    run_layer(l, rows, tokens, states, offset);
    offset += net_.cell.state_blocks * net_.hidden(l);
  }
  if (logits != nullptr) predict(rows, 0, logits);
}

// Every step's input at once, then the steps one after the other.
void StackPass::read_layer(size_t l, int64_t steps, const int32_t* tokens, float* state,
                           int64_t offset, ThreadPool* pool) {
  const int64_t hidden = net_.hidden(l), width = net_.width(l);
  const PanelMatrix& recurrent = net_.recurrent[l];
  pool_ = reading_.fastest() > 0 ? pool : nullptr;
  over_panels(recurrent.panels(), net_.layers[l].input.empty() ? 0 : steps * width * hidden,
              [&](int64_t begin, int64_t end) { multiply_input(l, steps, begin, end); });
  look_up(l, steps, tokens);
  for (int64_t t = 0; t < steps; ++t) {
    pool_ = pool != nullptr && reading_.begin() > 0 ? pool : nullptr;
    over_panels(recurrent.panels(), width * hidden, [&](int64_t begin, int64_t end) {
      recurrent.multiply(1, state + offset, hidden, nullptr, false, scratch_.ah.data(), width,
                         begin, end);
    });
    if (pool != nullptr) reading_.end(1);
    advance(l, {steps, t, 1, 0}, &state, offset);
  }
}

void StackPass::read(int64_t steps, const int32_t* tokens, float* state, float* logits,
                     ThreadPool* pool) {
  embed(steps, tokens);
  int64_t offset = stack_.state_offset;
  for (size_t l = stack_.first_layer; l < stack_.first_layer + stack_.layers; ++l) {
    read_layer(l, steps, tokens, state, offset, pool);
    offset += net_.cell.state_blocks * net_.hidden(l);
  }
  if (logits != nullptr) predict(steps, steps - 1, logits);
}

}  // namespace inkling::nn
