#include "nn/step_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "nn/buffer.h"
#include "nn/cell_traits.h"
#include "nn/chunk.h"
#include "nn/kernels/instruction_set.h"
#include "nn/panel_matrix.h"
#include "nn/parameter_layout.h"
#include "nn/step_scratch.h"
#include "nn/step_sharing.h"

namespace inkling::nn {
namespace {

constexpr int64_t block_rows = 64;  // streams, or steps of one, in one pass over the weights

// The products of one layer (or the head) and what feeds them.
struct Panels {
  std::vector<PanelMatrix> input;  // one for each product source
  std::vector<int> source;
  int64_t look_up_row = -1;
};

// Where a layer's other parameters stand, so that no step looks for them by name; nullptr: it has
// none.
struct LayerVectors {
  const float *table, *bias_ih, *bias_hh, *gain_ih, *gain_hh, *gain_c,
      *bias_c;  // table: weight_ih from the looked-up rows on
};

}  // namespace

struct StepEngine::Impl {
  Impl(const NetworkSpec& description, const float* values, Precision precision,
       ThreadPool* threads)
      : spec(description), layout(spec), cell(spec), weights(values), pool(threads) {
    int64_t widest = 0;
    for (size_t l = 0; l < spec.layers.size(); ++l) {
      layers.push_back(make_panels(spec.layers[l].inputs, of("rnn.weight_ih", l), precision));
      const ParameterInfo& hh = *of("rnn.weight_hh", l);
      recurrent.emplace_back(weights + hh.offset, hh.rows, hh.cols, precision);
      vectors.push_back(
          {at("rnn.weight_ih", l) + std::max<int64_t>(layers[l].look_up_row, 0) * hh.cols,
           at("rnn.bias_ih", l), at("rnn.bias_hh", l), at("norm.gain_ih", l), at("norm.gain_hh", l),
           at("norm.gain_c", l), at("norm.bias_c", l)});
      widest = std::max(widest, hh.cols);
    }
    head = make_panels(spec.head_inputs, layout.find("fc.weight"), precision);
    embedding = layout.find("embed.weight");
    head_bias = weights + layout.at("fc.bias").offset;
    zeros = Buffer<float>(std::max(widest, spec.embedding_size));
    scratch.grow(1, spec);
  }

  const ParameterInfo* of(const char* stem, size_t l) const {
    return layout.find(fmt::format("{}_l{}", stem, l));
  }
  const float* at(const char* stem, size_t l) const {
    const ParameterInfo* info = of(stem, l);
    return info == nullptr ? nullptr : weights + info->offset;
  }

  Panels make_panels(const std::vector<int>& inputs, const ParameterInfo* info,
                     Precision precision) const {
    Panels panels;
    int64_t row = 0;
    for (const int source : inputs) {
      const int64_t size = spec.source_size(source);
      if (source == LayerSpec::network_input && spec.embedding_size == 0) {
        panels.look_up_row = row;
      } else {
        panels.source.push_back(source);
        panels.input.emplace_back(weights + info->offset + row * info->cols, size, info->cols,
                                  precision);
      }
      row += size;
    }
    return panels;
  }

  float* output_of(int source, int64_t rows) {
    if (source == LayerSpec::network_input) return scratch.embedded.data();
    float* output = scratch.outputs.data();
    for (int l = 0; l < source; ++l)
      output += rows * spec.layers[static_cast<size_t>(l)].hidden_size;
    return output;
  }

  // f(begin, end) over so many panels or rows, in parts for the threads where the work is worth it.
  template <class F>
  void in_parts(int64_t count, bool worth_meeting, F&& f) {
    if (!shares || !worth_meeting) return f(0, count);
    const int64_t parts = std::min<int64_t>(pool->threads(), count);
    pool->run(parts, [&](int64_t p) { f(count * p / parts, count * (p + 1) / parts); });
  }
  // With less to do, a meeting costs more than it saves.
  static constexpr int64_t least_multiplications = int64_t{128} << 10, least_numbers = 8192;
  template <class F>
  void over_panels(int64_t panels, int64_t multiplications, F&& f) {
    in_parts(panels, multiplications >= least_multiplications, f);
  }
  // Rows of so many units or characters.
  template <class F>
  void over_rows(int64_t rows, int64_t width, F&& f) {
    in_parts(rows, rows * width >= least_numbers, f);
  }

  // Those of all rows of a step that one thread takes, and the first scratch row for them.
  struct Part {
    int64_t rows, first, count, room;
  };
  // A layer's sums from its input are rows of ax, those from its state scratch rows of ah;
  // advance() makes of them the next states.
  void embed(int64_t rows, const int32_t* tokens);
  void multiply_input(size_t l, int64_t rows, int64_t begin, int64_t end);
  void look_up(size_t l, int64_t rows, const int32_t* tokens);
  void advance(size_t l, const Part& part, float* const* states, int64_t offset);
  // Writes rows of y, from the first scratch row on.
  void layer_norm(const Part& part, int64_t width, const float* const* x, const float* gain,
                  const float* bias, Buffer<float>& y);
  void multiply_head(int64_t rows, int64_t first, size_t begin, size_t end, float* logits);
  void add_softmax(int64_t rows, float* logits, float share, float* probs) const;
  // The logits of the rows from `first` on, of so many; a mixture's are logarithms of
  // probabilities.
  void predict(int64_t rows, int64_t first, float* logits);

  void run_layer(size_t l, int64_t rows, const int32_t* tokens, float* const* states,
                 int64_t offset);
  void run(int64_t rows, const int32_t* tokens, float* const* states, float* logits);
  void read_layer(size_t l, int64_t steps, const int32_t* tokens, float* state, int64_t offset);
  void read(int64_t steps, const int32_t* tokens, float* state, float* logits);

  const NetworkSpec spec;
  const ParameterLayout layout;
  const CellTraits cell;
  const float* weights;
  ThreadPool* pool;
  std::vector<Panels> layers;
  std::vector<PanelMatrix> recurrent;
  std::vector<LayerVectors> vectors;
  Panels head;
  const float* head_bias = nullptr;
  const ParameterInfo* embedding = nullptr;
  bool shares = false;     // this step's products among the threads
  StepSharing sharing[3];  // of single streams, of several, of a layer that is read
  Buffer<float> zeros;
  StepScratch scratch;
};

void StepEngine::Impl::embed(int64_t rows, const int32_t* tokens) {
  for (int64_t row = 0; embedding != nullptr && row < rows; ++row) {
    const int64_t size = spec.embedding_size;
    const float* from = tokens[row] == Chunk::no_input
                            ? zeros.data()
                            : weights + embedding->offset + tokens[row] * size;
    std::copy_n(from, size, scratch.embedded.data() + row * size);
  }
}

void StepEngine::Impl::multiply_input(size_t l, int64_t rows, int64_t begin, int64_t end) {
  const Panels& panels = layers[l];
  const int64_t width = cell.gate_blocks * spec.layers[l].hidden_size;
  for (size_t i = 0; i < panels.input.size(); ++i) {
    panels.input[i].multiply(rows, output_of(panels.source[i], rows),
                             spec.source_size(panels.source[i]), nullptr, i > 0, scratch.ax.data(),
                             width, begin, end);
  }
}

void StepEngine::Impl::look_up(size_t l, int64_t rows, const int32_t* tokens) {
  const Panels& panels = layers[l];
  const int64_t width = cell.gate_blocks * spec.layers[l].hidden_size;
  for (int64_t row = 0; row < rows; ++row) {
    const bool looks_up = panels.look_up_row >= 0 && tokens[row] != Chunk::no_input;
    const float* looked_up = looks_up ? vectors[l].table + tokens[row] * width : zeros.data();
    float* sums = scratch.ax.data() + row * width;
    if (!panels.input.empty() && looks_up) kernels().add_rows_f32(looked_up, 1, width, width, sums);
    scratch.ax_rows[static_cast<size_t>(row)] = panels.input.empty() ? looked_up : sums;
  }
}

void StepEngine::Impl::layer_norm(const Part& part, int64_t width, const float* const* x,
                                  const float* gain, const float* bias, Buffer<float>& y) {
  const int64_t at = part.room * width;
  kernels().layer_norm({part.count, width, x, gain, bias, scratch.x_hat.data() + at,
                        scratch.rstd.data() + part.room, y.data() + at});
}

void StepEngine::Impl::advance(size_t l, const Part& part, float* const* states, int64_t offset) {
  const int64_t hidden = spec.layers[l].hidden_size, width = cell.gate_blocks * hidden;
  const int64_t count = part.count, room = part.room;
  const LayerVectors& vector = vectors[l];
  const float** sums = scratch.ax_rows.data() + part.first;
  ForwardStep<float> s{};
  s.rows = count, s.hidden = hidden;
  s.ah = scratch.ah.data() + room * width;
  if (spec.layer_norm) {
    const float** from_state = scratch.ah_rows.data() + room;
    for (int64_t row = 0; row < count; ++row) from_state[row] = s.ah + row * width;
    layer_norm(part, width, sums, vector.gain_ih, vector.bias_ih, scratch.normed_x);
    layer_norm(part, width, from_state, vector.gain_hh, vector.bias_hh, scratch.normed_h);
    for (int64_t row = 0; row < count; ++row)
      sums[row] = scratch.normed_x.data() + (room + row) * width;
    s.ah = scratch.normed_h.data() + room * width;
    s.tape = scratch.tape.data() + room * cell.tape_blocks * hidden;
    if (cell.state_blocks == 2) s.gain_c = vector.gain_c, s.bias_c = vector.bias_c;
  } else {
    s.bias_x = vector.bias_ih, s.bias_h = vector.bias_hh;
  }
  const float **prev_h = scratch.h_rows.data() + room, **prev_c = scratch.c_rows.data() + room;
  for (int64_t row = 0; row < count; ++row) {
    prev_h[row] = states[row] + offset;
    prev_c[row] = states[row] + offset + hidden;
  }
  s.ax = sums;
  s.prev_h = prev_h, s.prev_c = prev_c;
  s.next_h = output_of(static_cast<int>(l), part.rows) + part.first * hidden;
  s.next_c = scratch.next_c.data() + room * hidden;
  s.h_operand = scratch.unused.data() + room * hidden;
  cell_kernels<float>(kernels(), cell.index).forward(s);
  for (int64_t row = 0; row < count; ++row) {
    std::copy_n(s.next_h + row * hidden, hidden, states[row] + offset);
    if (cell.state_blocks == 2)
      std::copy_n(s.next_c + row * hidden, hidden, states[row] + offset + hidden);
  }
}

void StepEngine::Impl::run_layer(size_t l, int64_t rows, const int32_t* tokens,
                                 float* const* states, int64_t offset) {
  const int64_t hidden = spec.layers[l].hidden_size, width = cell.gate_blocks * hidden;
  over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      std::copy_n(states[row] + offset, hidden, scratch.previous.data() + row * hidden);
  });
  const int64_t work = rows * width * (hidden + (layers[l].input.empty() ? 0 : hidden));
  over_panels(recurrent[l].panels(), work, [&](int64_t begin, int64_t end) {
    recurrent[l].multiply(rows, scratch.previous.data(), hidden, nullptr, false, scratch.ah.data(),
                          width, begin, end);
    multiply_input(l, rows, begin, end);
  });
  look_up(l, rows, tokens);
  over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
    advance(l, {rows, begin, end - begin, begin}, states + begin, offset);
  });
}

// The rows from `first` on, of so many, by the head's inputs [begin, end).
void StepEngine::Impl::multiply_head(int64_t rows, int64_t first, size_t begin, size_t end,
                                     float* logits) {
  int64_t width = 0;
  for (size_t i = begin; i < end; ++i) width += spec.source_size(head.source[i]);
  over_panels(head.input[begin].panels(), (rows - first) * spec.vocab_size * width,
              [&](int64_t first_panel, int64_t last_panel) {
                for (size_t i = begin; i < end; ++i) {
                  const int64_t size = spec.source_size(head.source[i]);
                  head.input[i].multiply(rows - first,
                                         output_of(head.source[i], rows) + first * size, size,
                                         i == begin ? head_bias : nullptr, i > begin, logits,
                                         spec.vocab_size, first_panel, last_panel);
                }
              });
}

// Rows of logits, overwritten: their softmax times `share` is added to probs.
void StepEngine::Impl::add_softmax(int64_t rows, float* logits, float share, float* probs) const {
  const int64_t vocab = spec.vocab_size;
  for (int64_t row = 0; row < rows; ++row, logits += vocab, probs += vocab) {
    const float largest = *std::max_element(logits, logits + vocab);
    for (int64_t v = 0; v < vocab; ++v) logits[v] -= largest;
    kernels().exp(logits, logits, vocab);
    float sum = 0;
    for (int64_t v = 0; v < vocab; ++v) sum += logits[v];
    for (int64_t v = 0; v < vocab; ++v) probs[v] += share / sum * logits[v];
  }
}

void StepEngine::Impl::predict(int64_t rows, int64_t first, float* logits) {
  const size_t inputs = head.input.size();
  if (!spec.mixture) return multiply_head(rows, first, 0, inputs, logits);
  const int64_t count = rows - first, vocab = spec.vocab_size, size = count * vocab;
  std::fill_n(logits, size, 0.F);
  for (size_t i = 0; i < inputs; ++i) {
    multiply_head(rows, first, i, i + 1, scratch.scores.data());
    over_rows(count, vocab, [&](int64_t begin, int64_t end) {
      add_softmax(end - begin, scratch.scores.data() + begin * vocab,
                  1 / static_cast<float>(inputs), logits + begin * vocab);
    });
  }
  for (int64_t i = 0; i < size; ++i)
    logits[i] = std::log(std::max(logits[i], std::numeric_limits<float>::min()));
}

void StepEngine::Impl::run(int64_t rows, const int32_t* tokens, float* const* states,
                           float* logits) {
  const bool has_threads = pool != nullptr && pool->threads() > 1;
  StepSharing& way = sharing[rows > 1];
  shares = has_threads && way.begin();
  embed(rows, tokens);
  int64_t offset = 0;
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    run_layer(l, rows, tokens, states, offset);
    offset += cell.state_blocks * spec.layers[l].hidden_size;
  }
  if (logits != nullptr) predict(rows, 0, logits);
  if (has_threads) way.end();
}

// Every step's input at once, then the steps one after the other.
void StepEngine::Impl::read_layer(size_t l, int64_t steps, const int32_t* tokens, float* state,
                                  int64_t offset) {
  const bool has_threads = pool != nullptr && pool->threads() > 1;
  const int64_t hidden = spec.layers[l].hidden_size, width = cell.gate_blocks * hidden;
  StepSharing& way = sharing[2];
  shares = has_threads && way.shared();
  over_panels(recurrent[l].panels(), layers[l].input.empty() ? 0 : steps * width * hidden,
              [&](int64_t begin, int64_t end) { multiply_input(l, steps, begin, end); });
  look_up(l, steps, tokens);
  for (int64_t t = 0; t < steps; ++t) {
    shares = has_threads && way.begin();
    over_panels(recurrent[l].panels(), width * hidden, [&](int64_t begin, int64_t end) {
      recurrent[l].multiply(1, state + offset, hidden, nullptr, false, scratch.ah.data(), width,
                            begin, end);
    });
    if (has_threads) way.end();
    advance(l, {steps, t, 1, 0}, &state, offset);
  }
}

void StepEngine::Impl::read(int64_t steps, const int32_t* tokens, float* state, float* logits) {
  embed(steps, tokens);
  int64_t offset = 0;
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    read_layer(l, steps, tokens, state, offset);
    offset += cell.state_blocks * spec.layers[l].hidden_size;
  }
  if (logits != nullptr) predict(steps, steps - 1, logits);
}

StepEngine::StepEngine(const NetworkSpec& spec, const float* weights, Precision precision,
                       ThreadPool* pool)
    : impl_(std::make_unique<Impl>(spec, weights, precision, pool)) {}

StepEngine::~StepEngine() = default;

void StepEngine::step(std::span<const int32_t> tokens, std::span<float* const> states,
                      float* logits) {
  const auto n = static_cast<int64_t>(tokens.size());
  impl_->scratch.grow(std::min(n, block_rows), impl_->spec);
  for (int64_t first = 0; first < n; first += block_rows) {
    impl_->run(std::min(block_rows, n - first), tokens.data() + first, states.data() + first,
               logits == nullptr ? nullptr : logits + first * impl_->spec.vocab_size);
  }
}

void StepEngine::read(std::span<const int32_t> tokens, float* state, float* logits) {
  const auto n = static_cast<int64_t>(tokens.size());
  impl_->scratch.grow(std::min(n, block_rows), impl_->spec);
  for (int64_t first = 0; first < n; first += block_rows) {
    const int64_t steps = std::min(block_rows, n - first);
    impl_->read(steps, tokens.data() + first, state, first + steps == n ? logits : nullptr);
  }
}

void StepEngine::initial_state(float* state) const {
  for (size_t l = 0; l < impl_->spec.layers.size(); ++l) {
    const int64_t hidden = impl_->spec.layers[l].hidden_size;
    for (int64_t block = 0; block < impl_->cell.state_blocks; ++block, state += hidden) {
      const ParameterInfo* info = impl_->of(block == 0 ? "init.h" : "init.c", l);
      std::fill_n(state, hidden, 0.F);
      if (info != nullptr) std::copy_n(impl_->weights + info->offset, hidden, state);
    }
  }
}

int64_t StepEngine::weight_bytes() const {
  int64_t bytes = 0;
  for (const Panels& panels : impl_->layers) {
    for (const PanelMatrix& matrix : panels.input) bytes += matrix.bytes();
  }
  for (const PanelMatrix& matrix : impl_->recurrent) bytes += matrix.bytes();
  for (const PanelMatrix& matrix : impl_->head.input) bytes += matrix.bytes();
  return bytes;
}

}  // namespace inkling::nn
