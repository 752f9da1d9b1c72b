#include "nn/step_pass.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "nn/chunk.h"
#include "nn/kernels/instruction_set.h"

namespace inkling::nn {
namespace {

// With less to do, a meeting costs more than it saves.
constexpr int64_t least_multiplications = int64_t{128} << 10, least_numbers = 8192;

// Rows of logits, overwritten: their softmax times `share` is added to probs.
void add_softmax(int64_t rows, int64_t vocab, float* logits, float share, float* probs) {
  for (int64_t row = 0; row < rows; ++row, logits += vocab, probs += vocab) {
    const float largest = *std::max_element(logits, logits + vocab);
    for (int64_t v = 0; v < vocab; ++v) logits[v] -= largest;
    kernels().exp(logits, logits, vocab);
    float sum = 0;
    for (int64_t v = 0; v < vocab; ++v) sum += logits[v];
    for (int64_t v = 0; v < vocab; ++v) probs[v] += share / sum * logits[v];
  }
}

}  // namespace

float* StepPass::output_of(int source, int64_t rows) {
  if (source == LayerSpec::network_input) return scratch_.embedded.data();
  float* output = scratch_.outputs.data();
  for (int l = 0; l < source; ++l) output += rows * net_.hidden(static_cast<size_t>(l));
  return output;
}

// f(begin, end) over so many panels or rows, in parts for the threads where the work is worth it.
template <class F>
void StepPass::in_parts(int64_t count, bool worth_meeting, F&& f) {
  if (pool_ == nullptr || !worth_meeting) return f(0, count);
  const int64_t parts = std::min<int64_t>(pool_->threads(), count);
  pool_->run(parts, [&](int64_t p) { f(count * p / parts, count * (p + 1) / parts); });
}

template <class F>
void StepPass::over_panels(int64_t panels, int64_t multiplications, F&& f) {
  in_parts(panels, multiplications >= least_multiplications, f);
}

// Rows of so many units or characters.
template <class F>
void StepPass::over_rows(int64_t rows, int64_t width, F&& f) {
  in_parts(rows, rows * width >= least_numbers, f);
}

void StepPass::embed(int64_t rows, const int32_t* tokens) {
  const int64_t size = net_.spec.embedding_size;
  for (int64_t row = 0; net_.embedding != nullptr && row < rows; ++row) {
    const float* from =
        tokens[row] == Chunk::no_input ? net_.zeros.data() : net_.embedding + tokens[row] * size;
    std::copy_n(from, size, scratch_.embedded.data() + row * size);
  }
}

void StepPass::multiply_input(size_t l, int64_t rows, int64_t begin, int64_t end) {
  const StepNetwork::Panels& panels = net_.layers[l];
  for (size_t i = 0; i < panels.input.size(); ++i) {
    panels.input[i].multiply(rows, output_of(panels.source[i], rows),
                             net_.spec.source_size(panels.source[i]), nullptr, i > 0,
                             scratch_.ax.data(), net_.width(l), begin, end);
  }
}

void StepPass::look_up(size_t l, int64_t rows, const int32_t* tokens) {
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

void StepPass::layer_norm(const Part& part, int64_t width, const float* const* x, const float* gain,
                          const float* bias, Buffer<float>& y) {
  const int64_t at = part.room * width;
  kernels().layer_norm({part.count, width, x, gain, bias, scratch_.x_hat.data() + at,
                        scratch_.rstd.data() + part.room, y.data() + at});
}

void StepPass::advance(size_t l, const Part& part, float* const* states, int64_t offset) {
  if (net_.narrow) {
    advance_as<Bf16>(l, part, states, offset);
  } else {
    advance_as<float>(l, part, states, offset);
  }
}

template <class Operand>
void StepPass::advance_as(size_t l, const Part& part, float* const* states, int64_t offset) {
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

void StepPass::run_layer(size_t l, int64_t rows, const int32_t* tokens, float* const* states,
                         int64_t offset) {
  const int64_t hidden = net_.hidden(l), width = net_.width(l);
  over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
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
  over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
    advance(l, {rows, begin, end - begin, begin}, states + begin, offset);
  });
}

// The rows from `first` on, of so many, by the head's inputs [begin, end).
void StepPass::multiply_head(int64_t rows, int64_t first, size_t begin, size_t end, float* logits) {
  const StepNetwork::Panels& head = net_.head;
  const int64_t vocab = net_.spec.vocab_size;
  int64_t width = 0;
  for (size_t i = begin; i < end; ++i) width += net_.spec.source_size(head.source[i]);
  over_panels(head.input[begin].panels(), (rows - first) * vocab * width,
              [&](int64_t first_panel, int64_t last_panel) {
                for (size_t i = begin; i < end; ++i) {
                  const int64_t size = net_.spec.source_size(head.source[i]);
                  head.input[i].multiply(rows - first,
                                         output_of(head.source[i], rows) + first * size, size,
                                         i == begin ? net_.head_bias : nullptr, i > begin, logits,
                                         vocab, first_panel, last_panel);
                }
              });
}

void StepPass::predict(int64_t rows, int64_t first, float* logits) {
  const size_t inputs = net_.head.input.size();
  if (!net_.spec.mixture) return multiply_head(rows, first, 0, inputs, logits);
  const int64_t count = rows - first, vocab = net_.spec.vocab_size, size = count * vocab;
  std::fill_n(logits, size, 0.F);
  for (size_t i = 0; i < inputs; ++i) {
    multiply_head(rows, first, i, i + 1, scratch_.scores.data());
    over_rows(count, vocab, [&](int64_t begin, int64_t end) {
      add_softmax(end - begin, vocab, scratch_.scores.data() + begin * vocab,
                  1 / static_cast<float>(inputs), logits + begin * vocab);
    });
  }
  for (int64_t i = 0; i < size; ++i)
    logits[i] = std::log(std::max(logits[i], std::numeric_limits<float>::min()));
}

void StepPass::step(int64_t rows, const int32_t* tokens, float* const* states, float* logits,
                    ThreadPool* pool) {
  pool_ = pool;
  embed(rows, tokens);
  int64_t offset = 0;
  for (size_t l = 0; l < net_.spec.layers.size(); ++l) {
    run_layer(l, rows, tokens, states, offset);
    offset += net_.cell.state_blocks * net_.hidden(l);
  }
  if (logits != nullptr) predict(rows, 0, logits);
}

// Every step's input at once, then the steps one after the other.
void StepPass::read_layer(size_t l, int64_t steps, const int32_t* tokens, float* state,
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

void StepPass::read(int64_t steps, const int32_t* tokens, float* state, float* logits,
                    ThreadPool* pool) {
  embed(steps, tokens);
  int64_t offset = 0;
  for (size_t l = 0; l < net_.spec.layers.size(); ++l) {
    read_layer(l, steps, tokens, state, offset, pool);
    offset += net_.cell.state_blocks * net_.hidden(l);
  }
  if (logits != nullptr) predict(steps, steps - 1, logits);
}

}  // namespace inkling::nn
