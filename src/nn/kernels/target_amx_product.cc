// Products with packed weights on processors with AMX. The build compiles this file alone for that
// instruction set.
#include <algorithm>
#include <cstdint>

#include "nn/kernels/amx_packing.h"
#include "nn/kernels/amx_tiles.h"
#include "nn/kernels/kernel_table.h"
#include "nn/kernels/targets.h"

namespace inkling::nn::amx_product {
namespace {

constexpr int64_t pair_columns = 2 * tile_lanes;
// So many weights stay in the second cache while all rows pass over them.
constexpr int64_t most_weights = int64_t{1} << 18;

// y [Groups * rows of a tile, 32] = or += x W: one pair of tile columns, two groups of rows, or
// one.
template <int Groups>
inline __attribute__((always_inline)) void multiply(const RowTiles& p, const Bf16* x,
                                                    const Bf16* pair, float* y) {
  const int64_t x_bytes = p.x_stride * 2, y_bytes = p.y_stride * 4;
  const Bf16* lower_x = x + tile_lanes * p.x_stride;
  float* lower = y + tile_lanes * p.y_stride;
  before_tiles_read();
  if (p.accumulate) {
    _tile_loadd(0, y, y_bytes);
    _tile_loadd(1, y + tile_lanes, y_bytes);
    if constexpr (Groups == 2) {
      _tile_loadd(2, lower, y_bytes);
      _tile_loadd(3, lower + tile_lanes, y_bytes);
    }
  } else {
    _tile_zero(0);
    _tile_zero(1);
    if constexpr (Groups == 2) {
      _tile_zero(2);
      _tile_zero(3);
    }
  }
  for (int64_t k = 0; k < p.k; k += tile_depth, pair += 2 * tile_size) {
    _tile_loadd(4, x + k, x_bytes);
    _tile_loadd(6, pair, 64);
    _tile_loadd(7, pair + tile_size, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if constexpr (Groups == 2) {
      _tile_loadd(5, lower_x + k, x_bytes);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, y, y_bytes);
  _tile_stored(1, y + tile_lanes, y_bytes);
  if constexpr (Groups == 2) {
    _tile_stored(2, lower, y_bytes);
    _tile_stored(3, lower + tile_lanes, y_bytes);
  }
  before_tiles_read();
}

template <int Groups>
void columns_of_rows(const RowTiles& p, int64_t row, int64_t begin, int64_t end) {
  for (int64_t column = begin; column < end; column += pair_columns) {
    multiply<Groups>(p, p.x + row * p.x_stride, p.tiles + column * p.k,
                     p.y + row * p.y_stride + column);
  }
}

void row_tiles(const RowTiles& p) {
  const int64_t columns = std::max<int64_t>(1, most_weights / (p.k * pair_columns)) * pair_columns,
                rest = p.rows % tile_lanes, whole = p.rows - rest;
  for (int64_t begin = 0; begin < p.n; begin += columns) {
    const int64_t end = std::min(p.n, begin + columns);
    int64_t row = 0;
    shape_tiles(tile_lanes);
    for (; row + 2 * tile_lanes <= whole; row += 2 * tile_lanes)
      columns_of_rows<2>(p, row, begin, end);
    if (row < whole) columns_of_rows<1>(p, row, begin, end);
    if (rest == 0) continue;
    shape_tiles(rest);
    columns_of_rows<1>(p, whole, begin, end);
  }
  _tile_release();
}

void pack_row_tiles(const float* w, int64_t k, int64_t n, bool transposed, Bf16* tiles) {
  for (int64_t column = 0; column < n; column += pair_columns) {
    for (int64_t depth = 0; depth < k; depth += tile_depth) {
      for (int64_t half = 0; half < pair_columns; half += tile_lanes, tiles += tile_size) {
        if (transposed) {
          pack_transposed_tile(w + (column + half) * k + depth, k, tiles);
        } else {
          pack_tile(w + depth * n + column + half, n, tiles);
        }
      }
    }
  }
}

}  // namespace

void add(KernelTable& table) {
  table.row_tiles = row_tiles;
  table.pack_row_tiles = pack_row_tiles;
}

}  // namespace inkling::nn::amx_product
