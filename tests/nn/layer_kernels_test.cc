#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "nn/chunk.h"
#include "nn/emulated/float16.h"
#include "nn/emulated/held_tiles.h"
#include "nn/layer_steps.h"
#include "nn/tables_here.h"

namespace inkling::nn {
namespace {

using test::LayerOptions;
using test::LayerRows;
using test::LayerWeights;
using test::TableHere;
using test::tables_here;

// The kernels' sigmoid and tanh err by at most 2e-6 (quick_activations.inc), their sums by a few
// roundings of float32; and what the cells make of these.
constexpr double float_error = 1e-5;
// What a number loses in a narrower one, beside it.
constexpr double of_bf16 = 0x1p-8, of_float16 = 0x1p-11;

// The largest error seen, in units of what is allowed.
class Worst {
 public:
  void see(double value, double expected, double rounding = 0) {
    const double units = std::abs(value - expected) / (float_error + std::abs(expected) * rounding);
    if (!std::isnan(units_) && !(units <= units_)) units_ = units;
  }
  void require(bool condition) {
    if (!condition) units_ = INFINITY;
  }
  double units() const { return units_; }

 private:
  double units_ = 0;
};

template <class Cell>
using Layer = std::vector<LayerRows<Cell>>;
using Ranges = std::vector<std::pair<int64_t, int64_t>>;  // of units

std::vector<Bf16> pack(void (*packer)(const float*, int64_t, Bf16*, int64_t, int64_t),
                       const std::vector<float>& weights, int64_t hidden, const Ranges& ranges) {
  std::vector<Bf16> panels(weights.size());
  for (const auto& [begin, end] : ranges) packer(weights.data(), hidden, panels.data(), begin, end);
  return panels;
}

double dropout_scale(const RowDropout& dropout, uint32_t key, int64_t unit) {
  if (dropout.threshold == 0) return 1;
  const bool dropped = dropout_bits(key, static_cast<uint32_t>(unit)) < dropout.threshold;
  return dropped ? 0 : static_cast<double>(dropout.scale);
}

double dot(const Bf16* x, const float* w, int64_t stride, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += static_cast<double>(to_float(x[i])) * static_cast<double>(w[i * stride]);
  return sum;
}

// One unit's step of a row, from what the kernel read of it.
template <class Cell>
void check_forward(const LayerRows<Cell>& s, const LayerWeights<Cell>& weights, int64_t step,
                   int64_t row, int64_t unit, Worst& worst) {
  constexpr int G = Cell::gate_blocks, S = Cell::state_blocks, K = Cell::tape_blocks;
  const size_t at = s.in_strips(row, unit), now = static_cast<size_t>(step * s.size) + at,
               next_at = static_cast<size_t>((step + 1) * s.size) + at,
               plain = static_cast<size_t>(step * s.size + row * s.hidden + unit),
               next_plain = plain + static_cast<size_t>(s.size);
  const bool reset = s.is_reset(step, row);
  double ax[G], ah[G], prev[2] = {}, next[S], tape[K];
  for (int g = 0; g < G; ++g) {
    const int64_t column = g * s.hidden + unit;
    const auto gate = static_cast<size_t>(column);
    ax[g] = static_cast<double>(s.ax[static_cast<size_t>((step * s.rows + row) * s.width) + gate]) +
            static_cast<double>(weights.bias_x[gate]);
    ah[g] = dot(s.factors.data() + step * s.size + row * s.hidden, weights.rounded.data() + column,
                s.width, s.hidden);
    if (!Cell::gates_add) ah[g] += static_cast<double>(weights.bias_h[gate]);
  }
  if (!reset) prev[0] = static_cast<double>(s.h[now]), prev[1] = static_cast<double>(s.c[now]);
  Cell::forward(ax, ah, prev, next, tape);
  double h = next[0];
  if constexpr (S == 2) {
    h = Cell::output(next[1], tape);
    worst.see(static_cast<double>(s.c[next_at]), next[1]);
  }
  for (int k = 0; k < K; ++k) {
    const uint16_t kept = s.tape[static_cast<size_t>(step * s.size * K) + s.in_tape(row, unit, k)];
    worst.see(static_cast<double>(emulated::half_to_float(kept)), tape[k], of_float16);
  }
  const double scale = dropout_scale(s.dropout, s.keys[static_cast<size_t>(row)], unit);
  // The next step's factor of a row that begins anew has gone.
  const bool gone = step + 1 < s.steps && s.is_reset(step + 1, row);
  if (!gone) worst.see(static_cast<double>(to_float(s.factors[next_plain])), h, of_bf16);
  if (!s.out.empty()) worst.see(static_cast<double>(to_float(s.out[plain])), h * scale, of_bf16);
  if (!s.options.hidden_state) return;
  const float kept = s.h[next_at];
  worst.see(static_cast<double>(kept), h);
  if (!gone) worst.require(s.factors[next_plain].bits == to_bf16(kept).bits);
  if (!s.out.empty())
    worst.require(s.out[plain].bits == to_bf16(kept * static_cast<float>(scale)).bits);
}

// before: what the kernel read, of which it has overwritten dh and dc.
template <class Cell>
void check_backward(const LayerRows<Cell>& s, const LayerRows<Cell>& before,
                    const LayerWeights<Cell>& weights, int64_t step, int64_t row, int64_t unit,
                    Worst& worst) {
  constexpr int G = Cell::gate_blocks, K = Cell::tape_blocks;
  const size_t at = s.in_strips(row, unit), now = static_cast<size_t>(step * s.size) + at;
  const bool reset = s.is_reset(step, row), last = step + 1 == s.steps,
             cut = !last && s.is_reset(step + 1, row);
  double tape[K], dtape[K] = {}, prev[2] = {}, dnext[2] = {}, dprev[2] = {}, dax[G], dah[G];
  for (int k = 0; k < K; ++k) {
    const uint16_t kept = s.tape[static_cast<size_t>(step * s.size * K) + s.in_tape(row, unit, k)];
    tape[k] = static_cast<double>(emulated::half_to_float(kept));
  }
  if (!reset) prev[0] = static_cast<double>(s.h[now]), prev[1] = static_cast<double>(s.c[now]);
  double dh = 0;
  if (!last && !cut) {
    dh = dot(s.product_gradients().data() + ((step + 1) * s.rows + row) * s.width,
             weights.rounded.data() + unit * s.width, 1, s.width);
  }
  if (Cell::reads_h && !cut) dh += static_cast<double>(before.dh[at]);
  if (!s.dout.empty()) {
    const auto plain = static_cast<size_t>(step * s.size + row * s.hidden + unit);
    dh += static_cast<double>(s.dout[plain]) *
          dropout_scale(s.dropout, s.keys[static_cast<size_t>(row)], unit);
  }
  dnext[0] = dh;
  if constexpr (Cell::state_blocks == 2) {
    const auto c = static_cast<double>(s.c[static_cast<size_t>((step + 1) * s.size) + at]);
    Cell::backward_output(c, tape, dh, dnext[1], dtape);
    if (!cut) dnext[1] += static_cast<double>(before.dc[at]);
  }
  Cell::backward(tape, prev, dnext, dtape, dax, dah, dprev);
  for (int g = 0; g < G; ++g) {
    const auto place = static_cast<size_t>((step * s.rows + row) * s.width + g * s.hidden + unit);
    worst.see(static_cast<double>(to_float(s.dax[place])), dax[g], of_bf16);
    if (!s.dah.empty()) worst.see(static_cast<double>(to_float(s.dah[place])), dah[g], of_bf16);
  }
  if (Cell::reads_h) worst.see(static_cast<double>(s.dh[at]), dprev[0]);
  if (Cell::state_blocks == 2) worst.see(static_cast<double>(s.dc[at]), dprev[1]);
}

// f(rows, row, unit) for all numbers of a step.
template <class Cell, class F>
void for_all(const Layer<Cell>& layer, F&& f) {
  for (size_t i = 0; i < layer.size(); ++i) {
    for (int64_t row = 0; row < layer[i].rows; ++row) {
      for (int64_t unit = 0; unit < layer[i].hidden; ++unit) f(i, row, unit);
    }
  }
}

// All steps there and back, each unit range by a call of its own; checked where `worst` is wanted.
template <class Cell>
void run(const LayerKernels& kernels, const LayerWeights<Cell>& weights, const Ranges& ranges,
         Layer<Cell>& layer, Worst* worst) {
  const auto forward = pack(kernels.pack_forward, weights.recurrent, weights.hidden, ranges),
             backward = pack(kernels.pack_backward, weights.recurrent, weights.hidden, ranges);
  const int64_t steps = layer[0].steps, count = static_cast<int64_t>(layer.size());
  for (LayerRows<Cell>& s : layer) s.reset_factors(0);
  for (int64_t step = 0; step < steps; ++step) {
    std::vector<ForwardStep<Bf16>> shards;
    for (LayerRows<Cell>& s : layer) shards.push_back(s.forward_step(step, weights));
    for (const auto& [begin, end] : ranges)
      kernels.forward(shards.data(), count, forward.data(), begin, end);
    for (LayerRows<Cell>& s : layer) {
      if (step + 1 < steps) s.reset_factors(step + 1);
    }
    CHECK(!emulated::holds_tiles());
    if (worst == nullptr) continue;
    for_all(layer, [&](size_t i, int64_t row, int64_t unit) {
      check_forward(layer[i], weights, step, row, unit, *worst);
    });
  }
  for (int64_t step = steps; step-- > 0;) {
    const Layer<Cell> before = layer;
    std::vector<BackwardStep<Bf16>> shards;
    for (LayerRows<Cell>& s : layer) shards.push_back(s.backward_step(step));
    for (const auto& [begin, end] : ranges)
      kernels.backward(shards.data(), count, backward.data(), begin, end);
    CHECK(!emulated::holds_tiles());
    if (worst == nullptr) continue;
    for_all(layer, [&](size_t i, int64_t row, int64_t unit) {
      check_backward(layer[i], before[i], weights, step, row, unit, *worst);
    });
  }
}

template <class Cell>
void check_layer(const LayerKernels& kernels, Random& random, int64_t hidden,
                 const std::vector<int64_t>& rows_of_shards) {
  const LayerWeights<Cell> weights(random, hidden);
  Layer<Cell> layer;
  for (const int64_t rows : rows_of_shards) {
    const auto i = layer.size();
    layer.emplace_back(random, rows, hidden, 3,
                       LayerOptions{.hidden_state = i % 2 == 0,
                                    .outputs = i != 1,
                                    .output_gradients = i != 2,
                                    .resets = i != 1});
  }
  Layer<Cell> parts = layer, alone = layer;
  Worst worst;
  run(kernels, weights, {{0, hidden}}, layer, &worst);
  CHECK(worst.units() <= 1);
  Ranges ranges;
  for (int64_t unit = 0; unit < hidden; unit += LayerKernels::unit_multiple)
    ranges.emplace_back(unit, unit + LayerKernels::unit_multiple);
  run(kernels, weights, ranges, parts, nullptr);
  for (size_t i = 0; i < layer.size(); ++i) {
    CHECK(parts[i].same_as(layer[i]));
    Layer<Cell> one{alone[i]};
    run(kernels, weights, {{0, hidden}}, one, nullptr);
    CHECK(one[0].same_as(layer[i]));
  }
}

template <class... Cells>
void check_layers(const KernelTable& table, Random& random, int64_t hidden,
                  const std::vector<int64_t>& rows, CellList<Cells...>) {
  const LayerKernels* kernels = table.layers;
  (check_layer<Cells>(*kernels++, random, hidden, rows), ...);
}

}  // namespace

TEST_CASE(
    "a layer's steps are the plain cell's, there and back, whoever shares its units and rows") {
  Random random(31);
  for (const TableHere& here : tables_here()) {
    if (here.table.layers[0].forward == nullptr) continue;
    for (const int64_t hidden : {32, 64, 96}) {
      for (const std::vector<int64_t>& rows :
           {std::vector<int64_t>{16}, {16, 32}, {32, 32}, {48, 16, 16}}) {
        INFO(here.table.name << " hidden " << hidden << " shards " << rows.size() << " of "
                             << rows[0] << " rows");
        check_layers(here.table, random, hidden, rows, AllCells{});
      }
    }
  }
}

}  // namespace inkling::nn
