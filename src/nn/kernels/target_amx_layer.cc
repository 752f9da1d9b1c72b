// A layer's time step on processors with AMX: while the tiles multiply one block of units, the
// vector units do the cell's arithmetic on the block before, whose sums have not left the first
// cache. The build compiles this file alone for that instruction set.
#include <immintrin.h>

#include <cstdint>
#include <type_traits>

#include "nn/cells/cells.h"
#include "nn/kernels/amx_packing.h"
#include "nn/kernels/amx_tiles.h"
#include "nn/kernels/kernel_table.h"
#include "nn/kernels/targets.h"
#include "nn/kernels/vector_math.h"

#define INKLING_TARGET amx_layer
#define INKLING_LANES 16

// Each of these needs those before it.
// clang-format off
#include "nn/kernels/lanes.inc"
#include "nn/kernels/quick_activations.inc"
#include "nn/kernels/rows.inc"
#include "nn/kernels/cells.inc"
// clang-format on

namespace inkling::nn::amx_layer {
namespace {

using Whole = std::integral_constant<int64_t, lanes>;  // a full vector

// See ForwardStep.
struct Strips {
  static_assert(LayerKernels::strip_units == lanes);
  static int64_t at(int64_t rows, int64_t /*hidden*/, int64_t row, int64_t u) {
    return u * rows + row * lanes;
  }
  static int64_t in_row(int64_t rows, int64_t u) { return u * rows; }
  template <int K, class N>
  static Lanes load_tape(const void* tape, int64_t rows, int64_t hidden, int64_t row, int64_t u,
                         int k, N) {
    const auto* from =
        static_cast<const uint16_t*>(tape) + at(rows, hidden, row, u) * K + k * lanes;
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return of_native(_mm512_maskz_cvtph_ps(0xffff, halves));
  }
  template <int K, class N>
  static void store_tape(const Lanes& x, void* tape, int64_t rows, int64_t hidden, int64_t row,
                         int64_t u, int k, N) {
    auto* to = static_cast<uint16_t*>(tape) + at(rows, hidden, row, u) * K + k * lanes;
    const __m256i halves =
        _mm512_maskz_cvtps_ph(0xffff, native(x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), halves);
  }
};

// The tiles of a block of units forward: its columns of every gate. Two are multiplied at a time,
// so that their number is even.
template <class Cell>
constexpr int64_t subblocks = Cell::gate_blocks % 2 == 0 ? 1 : 2;
template <class Cell>
constexpr int64_t block_units = subblocks<Cell>* lanes;
template <class Cell>
constexpr int64_t block_tiles = subblocks<Cell>* Cell::gate_blocks;
constexpr int64_t back_units = LayerKernels::unit_multiple;

// 16 rows of a shard.
template <class Step>
struct RowGroup {
  const Step* step;
  int64_t row;
};

// Two groups of rows, or one, and their cells' arithmetic on one block of units: vector by vector,
// whenever the caller has time for one. sums: [tiles][rows of the groups][16].
template <class Step, int Groups, int Subblocks, class Work>
class Pending {
 public:
  void begin(const RowGroup<Step>* groups, int64_t unit, const float* sums) {
    for (int i = 0; i < Groups; ++i) groups_[i] = groups[i];
    unit_ = unit, sums_ = sums, next_ = 0;
  }
  inline __attribute__((always_inline)) void take_one() {
    if (next_ == count) return;
    const int64_t row = next_ / Subblocks, sub = next_ % Subblocks;
    const RowGroup<Step>& group = groups_[row / lanes];
    Work::run(*group.step, group.row + row % lanes, unit_ + sub * lanes, sums_ + row * lanes, sub,
              Groups * tile_floats);
    ++next_;
  }
  void finish() {
    while (next_ < count) take_one();
  }
  static constexpr int64_t tile_floats = lanes * lanes;
  static constexpr int64_t count = Groups * lanes * Subblocks;

 private:
  RowGroup<Step> groups_[Groups] = {};
  int64_t unit_ = 0;
  const float* sums_ = nullptr;
  int64_t next_ = count;
};

template <class Cell>
struct ForwardWork {
  // Tiles of 16 columns are `stride` floats apart, in the order [gate][subblock].
  static inline __attribute__((always_inline)) void run(const ForwardStep<Bf16>& s, int64_t row,
                                                        int64_t unit, const float* sums,
                                                        int64_t sub, int64_t stride) {
    Lanes ah[Cell::gate_blocks];
    for (int64_t gate = 0; gate < Cell::gate_blocks; ++gate)
      ah[gate] = Lanes::load(sums + (gate * subblocks<Cell> + sub) * stride);
    step_units<Strips, Cell>(s, row, unit, Whole{}, ah);
  }
};

template <class Cell>
struct BackwardWork {
  static inline __attribute__((always_inline)) void run(const BackwardStep<Bf16>& s, int64_t row,
                                                        int64_t unit, const float* sums,
                                                        int64_t sub, int64_t stride) {
    step_back_units<Strips, Cell>(s, row, unit, Whole{}, Lanes::load(sums + sub * stride));
  }
};

// sums [2][Groups * 16][16] = 16 rows of each x, `depth` wide, times two tiles of columns.
template <int Groups, class PendingWork>
inline __attribute__((always_inline)) void multiply(const Bf16* const* x, int64_t depth,
                                                    const Bf16* w, float* sums,
                                                    PendingWork& pending, int64_t vectors) {
  const int64_t x_stride = depth * 2;
  constexpr int64_t sums_stride = 64;
  _tile_zero(0);
  _tile_zero(1);
  if constexpr (Groups == 2) {
    _tile_zero(2);
    _tile_zero(3);
  }
  const auto load = [&](int64_t k) __attribute__((always_inline)) {
    const Bf16* here = w + k * (2 * tile_size / tile_depth);
    before_tiles_read();
    _tile_loadd(4, x[0] + k, x_stride);
    _tile_loadd(6, here, 64);
    _tile_loadd(7, here + tile_size, 64);
    if constexpr (Groups == 2) _tile_loadd(5, x[1] + k, x_stride);
  };
  load(0);
  for (int64_t k = 0; k < depth; k += tile_depth) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if constexpr (Groups == 2) {
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    if (k + tile_depth < depth) load(k + tile_depth);
    for (int64_t i = 0; i < vectors; ++i) pending.take_one();
  }
  constexpr int64_t tile = lanes * lanes;
  _tile_stored(0, sums, sums_stride);
  _tile_stored(1, sums + Groups * tile, sums_stride);
  if constexpr (Groups == 2) {
    _tile_stored(2, sums + tile, sums_stride);
    _tile_stored(3, sums + 3 * tile, sums_stride);
  }
  before_tiles_read();
}

int64_t ceil_of(int64_t a, int64_t b) { return (a + b - 1) / b; }

// f(groups, integral_constant number of them) for the rows of all shards, two groups at a time.
template <class Step, class F>
void for_row_groups(const Step* shards, int64_t count, F&& f) {
  RowGroup<Step> waiting{};
  bool one_waits = false;
  for (int64_t s = 0; s < count; ++s) {
    for (int64_t row = 0; row < shards[s].rows; row += lanes) {
      const RowGroup<Step> group{shards + s, row};
      if (one_waits) {
        const RowGroup<Step> both[2] = {waiting, group};
        f(both, std::integral_constant<int, 2>{});
      } else {
        waiting = group;
      }
      one_waits = !one_waits;
    }
  }
  if (one_waits) f(&waiting, std::integral_constant<int, 1>{});
}

template <class Cell>
void layer_forward(const ForwardStep<Bf16>* shards, int64_t count, const Bf16* panels,
                   int64_t unit_begin, int64_t unit_end) {
  using Step = ForwardStep<Bf16>;
  constexpr int64_t tiles = block_tiles<Cell>;
  const int64_t hidden = shards[0].hidden, depth_tiles = hidden / tile_depth;
  alignas(64) float sums[2][tiles * 2 * lanes * lanes];
  shape_tiles(lanes);
  for_row_groups(shards, count, [&](const RowGroup<Step>* groups, auto number) {
    constexpr int Groups = decltype(number)::value;
    Pending<Step, Groups, subblocks<Cell>, ForwardWork<Cell>> pending;
    const int64_t vectors = ceil_of(pending.count, tiles / 2 * depth_tiles);
    const Bf16* x[Groups];
    for (int i = 0; i < Groups; ++i) x[i] = groups[i].step->h_before + groups[i].row * hidden;
    int turn = 0;
    for (int64_t unit = unit_begin; unit < unit_end; unit += block_units<Cell>) {
      const Bf16* w = panels + unit / lanes * Cell::gate_blocks * depth_tiles * tile_size;
      for (int64_t tile = 0; tile < tiles; tile += 2) {
        multiply<Groups>(x, hidden, w + tile * depth_tiles * tile_size,
                         sums[turn] + tile * Groups * lanes * lanes, pending, vectors);
      }
      pending.finish();
      pending.begin(groups, unit, sums[turn]);
      turn = 1 - turn;
    }
    pending.finish();
  });
  _tile_release();
}

template <class Cell>
void layer_backward(const BackwardStep<Bf16>* shards, int64_t count, const Bf16* panels,
                    int64_t unit_begin, int64_t unit_end) {
  using Step = BackwardStep<Bf16>;
  constexpr int64_t subs = back_units / lanes;
  const int64_t depth = shards[0].hidden * Cell::gate_blocks, depth_tiles = depth / tile_depth;
  alignas(64) float sums[2][subs * 2 * lanes * lanes] = {};
  const bool last = shards[0].next_dah == nullptr;
  shape_tiles(lanes);
  for_row_groups(shards, count, [&](const RowGroup<Step>* groups, auto number) {
    constexpr int Groups = decltype(number)::value;
    Pending<Step, Groups, subs, BackwardWork<Cell>> pending;
    const int64_t vectors = ceil_of(pending.count, depth_tiles);
    const Bf16* x[Groups] = {};
    for (int i = 0; !last && i < Groups; ++i)
      x[i] = groups[i].step->next_dah + groups[i].row * depth;
    int turn = 0;
    for (int64_t unit = unit_begin; unit < unit_end; unit += back_units) {
      if (!last) {
        multiply<Groups>(x, depth, panels + unit / lanes * depth_tiles * tile_size, sums[turn],
                         pending, vectors);
        pending.finish();
      }
      pending.begin(groups, unit, sums[turn]);
      if (last) pending.finish();
      turn = 1 - turn;
    }
    pending.finish();
  });
  _tile_release();
}

template <class Cell>
void pack_forward(const float* weights, int64_t hidden, Bf16* panels, int64_t unit_begin,
                  int64_t unit_end) {
  const int64_t stride = Cell::gate_blocks * hidden, depth_tiles = hidden / tile_depth;
  for (int64_t unit = unit_begin; unit < unit_end; unit += block_units<Cell>) {
    Bf16* block = panels + unit / lanes * Cell::gate_blocks * depth_tiles * tile_size;
    for (int64_t tile = 0; tile < block_tiles<Cell>; ++tile) {
      const int64_t gate = tile / subblocks<Cell>, sub = tile % subblocks<Cell>;
      const float* columns = weights + gate * hidden + unit + sub * lanes;
      for (int64_t k = 0; k < depth_tiles; ++k) {
        // Pairs of tiles lie side by side, step by step.
        Bf16* to = block + ((tile / 2 * depth_tiles + k) * 2 + tile % 2) * tile_size;
        pack_tile(columns + k * tile_depth * stride, stride, to);
      }
    }
  }
}

template <class Cell>
void pack_backward(const float* weights, int64_t hidden, Bf16* panels, int64_t unit_begin,
                   int64_t unit_end) {
  const int64_t depth = Cell::gate_blocks * hidden, depth_tiles = depth / tile_depth;
  for (int64_t unit = unit_begin; unit < unit_end; unit += lanes) {
    const int64_t sub = unit % back_units / lanes;
    Bf16* block = panels + (unit - sub * lanes) / lanes * depth_tiles * tile_size;
    for (int64_t k = 0; k < depth_tiles; ++k) {
      pack_transposed_tile(weights + unit * depth + k * tile_depth, depth,
                           block + (k * 2 + sub) * tile_size);
    }
  }
}

template <class... Cells>
void fill(KernelTable& table, CellList<Cells...>) {
  int i = 0;
  ((table.layers[i++] = {layer_forward<Cells>, layer_backward<Cells>, pack_forward<Cells>,
                         pack_backward<Cells>}),
   ...);
}

}  // namespace

void add(KernelTable& table) { fill(table, AllCells{}); }

}  // namespace inkling::nn::amx_layer
