#pragma once

#include <cstring>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "nn/cells/cells.h"
#include "nn/kernels/kernel_table.h"
#include "nn/plain_product.h"

// A layer's steps as LayerKernels take them: what they read, at random, and room for what they
// write.
namespace inkling::test {

// Of the whole layer.
template <class Cell>
struct LayerWeights {
  static constexpr int64_t gates = Cell::gate_blocks;
  int64_t hidden, width;
  std::vector<float> recurrent;  // [H, G*H]
  std::vector<float> rounded;    // to bfloat16
  std::vector<float> bias_x, bias_h;

  LayerWeights(Random& random, int64_t hidden_in)
      : hidden(hidden_in),
        width(gates * hidden),
        recurrent(random_floats(random, hidden * width)),
        bias_x(random_floats(random, width)),
        bias_h(random_floats(random, width)) {
    for (float& w : recurrent) w *= 0.15F;
    rounded = recurrent;
    rounded_to_bf16(rounded);
  }
};

// What rows of a layer may do without.
struct LayerOptions {
  bool hidden_state = true;  // in float32; cells that read h have it anyway
  bool outputs = true;       // in a place of their own, with dropout
  bool output_gradients = true;
  bool resets = true;
};

// Some rows of it, for all steps.
template <class Cell>
struct LayerRows {
  static constexpr int64_t gates = Cell::gate_blocks, tapes = Cell::tape_blocks,
                           strip = nn::LayerKernels::strip_units;
  int64_t rows, hidden, width, steps, size;
  LayerOptions options;
  nn::RowDropout dropout{};
  std::vector<uint32_t> keys;     // [rows]
  std::vector<uint8_t> resets;    // [steps, rows]: the state becomes zero before the step
  std::vector<float> ax;          // [steps, rows, G*H]
  std::vector<nn::Bf16> factors;  // [steps + 1, rows, H]: the hidden state
  std::vector<float> h, c;        // [steps + 1, rows, H] in strips
  std::vector<uint16_t> tape;     // [steps, rows, K*H] in strips, float16
  std::vector<nn::Bf16> out;      // [steps, rows, H]; or none
  std::vector<float> dout;        // [steps, rows, H]; none: zero
  std::vector<float> dh, dc;      // [rows, H] in strips
  std::vector<nn::Bf16> dax;      // [steps, rows, G*H]
  std::vector<nn::Bf16> dah;      // the same; none where it equals dax

  LayerRows(Random& random, int64_t rows_in, int64_t hidden_in, int64_t steps_in,
            const LayerOptions& options_in)
      : rows(rows_in),
        hidden(hidden_in),
        width(gates * hidden),
        steps(steps_in),
        size(rows * hidden),
        options(options_in),
        resets(static_cast<size_t>(steps * rows)),
        ax(random_floats(random, steps * rows * width)),
        factors(static_cast<size_t>((steps + 1) * size)),
        h(random_floats(random, (steps + 1) * size)),
        c(random_floats(random, (steps + 1) * size)),
        tape(static_cast<size_t>(steps * size * tapes)),
        out(static_cast<size_t>(options.outputs ? steps * size : 0)),
        dh(static_cast<size_t>(size)),
        dc(static_cast<size_t>(size)),
        dax(static_cast<size_t>(steps * rows * width)),
        zeros_(static_cast<size_t>(size)) {
    options.hidden_state |= Cell::reads_h;
    for (int64_t r = 0; r < rows; ++r) keys.push_back(static_cast<uint32_t>(random.bits()));
    for (uint8_t& reset : resets) reset = options.resets && random.below(4) == 0;
    for (int64_t i = 0; i < size; ++i)
      factors[static_cast<size_t>(i)] = nn::to_bf16(static_cast<float>(random.uniform(-1, 1)));
    if (options.outputs) dropout = {uint32_t{1} << 30, 4.F / 3, nullptr};
    if (options.output_gradients) dout = random_floats(random, steps * size);
    if (!Cell::gates_add) dah = dax;
  }

  // Of [rows, H] in strips, and of the tape's block k.
  size_t in_strips(int64_t row, int64_t unit) const {
    return static_cast<size_t>(unit / strip * strip * rows + row * strip + unit % strip);
  }
  size_t in_tape(int64_t row, int64_t unit, int64_t k) const {
    return static_cast<size_t>((unit / strip * strip * rows + row * strip) * tapes + k * strip +
                               unit % strip);
  }
  bool is_reset(int64_t step, int64_t row) const {
    return resets[static_cast<size_t>(step * rows + row)] != 0;
  }
  // What a product reads on the way back.
  const std::vector<nn::Bf16>& product_gradients() const { return Cell::gates_add ? dax : dah; }

  // As LayerShard::reset_hidden() does before a step.
  void reset_factors(int64_t step) {
    for (int64_t r = 0; r < rows; ++r) {
      if (is_reset(step, r))
        std::fill_n(factors.begin() + step * size + r * hidden, hidden, nn::Bf16{});
    }
  }

  nn::ForwardStep<nn::Bf16> forward_step(int64_t step, const LayerWeights<Cell>& weights) {
    find_rows(step);
    nn::ForwardStep<nn::Bf16> s{};
    s.rows = rows, s.hidden = hidden;
    s.ax = ax_rows_.data();
    s.h_before = factors.data() + step * size;
    s.bias_x = weights.bias_x.data();
    s.bias_h = Cell::gates_add ? nullptr : weights.bias_h.data();
    s.prev_h = h_rows_.data(), s.prev_c = c_rows_.data();
    if (options.hidden_state) s.next_h = h.data() + (step + 1) * size;
    s.next_c = c.data() + (step + 1) * size;
    s.tape = tape.data() + step * size * tapes;
    s.h_operand = factors.data() + (step + 1) * size;
    s.out = out.empty() ? nullptr : out.data() + step * size;
    s.dropout = dropout_of_rows();
    return s;
  }

  nn::BackwardStep<nn::Bf16> backward_step(int64_t step) {
    find_rows(step);
    nn::BackwardStep<nn::Bf16> s{};
    s.rows = rows, s.hidden = hidden;
    s.tape = tape.data() + step * size * tapes;
    s.prev_h = h_rows_.data(), s.prev_c = c_rows_.data();
    s.next_c = c.data() + (step + 1) * size;
    s.dout = dout.empty() ? nullptr : dout.data() + step * size;
    s.dh_direct = dh.data(), s.dc = dc.data();
    s.dax = dax.data() + step * rows * width;
    s.dah = dah.empty() ? nullptr : dah.data() + step * rows * width;
    s.dropout = dropout_of_rows();
    if (step + 1 == steps) return s;
    s.next_dah = product_gradients().data() + (step + 1) * rows * width;
    if (options.resets) s.cut = resets.data() + (step + 1) * rows;
    return s;
  }

  bool same_as(const LayerRows& other) const {
    const auto same = [](const auto& x, const auto& y) {
      return x.size() == y.size() &&
             (x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof x[0]) == 0);
    };
    return same(factors, other.factors) && same(h, other.h) && same(c, other.c) &&
           same(tape, other.tape) && same(out, other.out) && same(dh, other.dh) &&
           same(dc, other.dc) && same(dax, other.dax) && same(dah, other.dah);
  }

 private:
  nn::RowDropout dropout_of_rows() const { return {dropout.threshold, dropout.scale, keys.data()}; }

  void find_rows(int64_t step) {
    ax_rows_.clear(), h_rows_.clear(), c_rows_.clear();
    for (int64_t r = 0; r < rows; ++r) {
      ax_rows_.push_back(ax.data() + (step * rows + r) * width);
      const int64_t at = step * size + r * strip;
      h_rows_.push_back(is_reset(step, r) ? zeros_.data() : h.data() + at);
      c_rows_.push_back(is_reset(step, r) ? zeros_.data() : c.data() + at);
    }
  }

  std::vector<float> zeros_;
  std::vector<const float*> ax_rows_, h_rows_, c_rows_;
};

}  // namespace inkling::test
