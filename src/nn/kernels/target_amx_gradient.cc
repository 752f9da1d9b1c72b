// Gradients of weights on processors with AMX: rows are packed into tiles a part at a time, which
// stays in the second cache until it has been multiplied. The build compiles this file alone for
// that instruction set.
#include <immintrin.h>

#include <cstdint>

#include "nn/kernels/amx_tiles.h"
#include "nn/kernels/kernel_table.h"
#include "nn/kernels/targets.h"

namespace inkling::nn::amx_gradient {
namespace {

constexpr int64_t part_rows = GradientTiles::part_rows;
constexpr int64_t part_tiles = part_rows / tile_depth;  // in depth, of one part

// 16 columns of two rows as pairs.
__m512i pair_of_rows(const Bf16* rows, int64_t stride, __m512i interleave) {
  const __m256i even = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows)),
                odd = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows + stride));
  const __m512i both = _mm512_maskz_inserti64x4(0xff, _mm512_castsi256_si512(even), odd, 1);
  return _mm512_permutexvar_epi16(interleave, both);
}

__m512i interleaving() {
  alignas(64) uint16_t order[2 * tile_lanes];
  for (int64_t i = 0; i < tile_lanes; ++i) {
    order[2 * i] = static_cast<uint16_t>(i);
    order[2 * i + 1] = static_cast<uint16_t>(i + tile_lanes);
  }
  return _mm512_load_si512(order);
}

// 32 rows of 16 columns as a tile of the right factor.
void pack_right(const Bf16* rows, int64_t stride, __m512i interleave, Bf16* tile) {
  for (int64_t pair = 0; pair < tile_lanes; ++pair) {
    _mm512_store_si512(tile + pair * 2 * tile_lanes,
                       pair_of_rows(rows + 2 * pair * stride, stride, interleave));
  }
}

// The same, transposed, as a tile of the left one: pairs of rows are its columns.
void pack_left(const Bf16* rows, int64_t stride, __m512i interleave, Bf16* tile) {
  __m512i x[tile_lanes], y[tile_lanes];
  for (int64_t pair = 0; pair < tile_lanes; ++pair)
    x[pair] = pair_of_rows(rows + 2 * pair * stride, stride, interleave);
  // GCC 12 takes what the forms without a mask leave undefined for a mistake.
  // Sixteen by sixteen pairs, transposed by halves: neighbours, twos, fours, eights.
  for (int i = 0; i < tile_lanes; i += 2) {
    y[i] = _mm512_maskz_unpacklo_epi32(0xffff, x[i], x[i + 1]);
    y[i + 1] = _mm512_maskz_unpackhi_epi32(0xffff, x[i], x[i + 1]);
  }
  for (int i = 0; i < tile_lanes; i += 4) {
    x[i] = _mm512_maskz_unpacklo_epi64(0xff, y[i], y[i + 2]);
    x[i + 1] = _mm512_maskz_unpackhi_epi64(0xff, y[i], y[i + 2]);
    x[i + 2] = _mm512_maskz_unpacklo_epi64(0xff, y[i + 1], y[i + 3]);
    x[i + 3] = _mm512_maskz_unpackhi_epi64(0xff, y[i + 1], y[i + 3]);
  }
  for (int i = 0; i < tile_lanes; i += 8) {
    for (int j = 0; j < 4; ++j) {
      y[i + j] = _mm512_maskz_shuffle_i32x4(0xffff, x[i + j], x[i + j + 4], 0x88);
      y[i + j + 4] = _mm512_maskz_shuffle_i32x4(0xffff, x[i + j], x[i + j + 4], 0xdd);
    }
  }
  for (int j = 0; j < 8; ++j) {
    x[j] = _mm512_maskz_shuffle_i32x4(0xffff, y[j], y[j + 8], 0x88);
    x[j + 8] = _mm512_maskz_shuffle_i32x4(0xffff, y[j], y[j + 8], 0xdd);
  }
  for (int64_t i = 0; i < tile_lanes; ++i) _mm512_store_si512(tile + i * 2 * tile_lanes, x[i]);
}

// c [32, 32] = or += tiles of a and b.
void multiply(const Bf16* a, const Bf16* b, int64_t depth_tiles, bool accumulate, float* c,
              int64_t c_stride) {
  constexpr int64_t next = part_tiles * tile_size;
  const int64_t bytes = c_stride * 4;
  float* lower = c + tile_lanes * c_stride;
  before_tiles_read();
  if (accumulate) {
    _tile_loadd(0, c, bytes);
    _tile_loadd(1, c + tile_lanes, bytes);
    _tile_loadd(2, lower, bytes);
    _tile_loadd(3, lower + tile_lanes, bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t k = 0; k < depth_tiles; ++k, a += tile_size, b += tile_size) {
    _tile_loadd(4, a, 64);
    _tile_loadd(6, b, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + next, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a + next, 64);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, bytes);
  _tile_stored(1, c + tile_lanes, bytes);
  _tile_stored(2, lower, bytes);
  _tile_stored(3, lower + tile_lanes, bytes);
  before_tiles_read();
}

void gradient_tiles(const GradientTiles& g) {
  // [tiles of 16 columns][part_tiles] tiles.
  Bf16 *const part_of_a = g.room,
       *const part_of_b = g.room + GradientTiles::most_columns * part_rows;
  const __m512i interleave = interleaving();
  constexpr int64_t block = GradientTiles::multiple;
  shape_tiles(tile_lanes);
  for (int64_t row = 0; row < g.rows; row += part_rows) {
    const int64_t left = g.rows - row, rows = left < part_rows ? left : part_rows,
                  depth_tiles = rows / tile_depth;
    const auto pack = [&](auto&& pack_tile, const Bf16* from, int64_t stride, int64_t columns,
                          Bf16* to) {
      for (int64_t k = 0; k < depth_tiles; ++k) {  // along the rows, as they lie in memory
        for (int64_t tile = 0; tile < columns / tile_lanes; ++tile) {
          pack_tile(from + (row + k * tile_depth) * stride + tile * tile_lanes, stride, interleave,
                    to + (tile * part_tiles + k) * tile_size);
        }
      }
    };
    pack(pack_left, g.a, g.a_stride, g.m, part_of_a);
    pack(pack_right, g.b, g.b_stride, g.n, part_of_b);
    for (int64_t i = 0; i < g.m; i += block) {
      for (int64_t j = 0; j < g.n; j += block) {
        multiply(part_of_a + i * part_rows, part_of_b + j * part_rows, depth_tiles,
                 g.accumulate || row > 0, g.c + i * g.c_stride + j, g.c_stride);
      }
    }
  }
  _tile_release();
}

}  // namespace

void add(KernelTable& table) { table.gradient_tiles = gradient_tiles; }

}  // namespace inkling::nn::amx_gradient
