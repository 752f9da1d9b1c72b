#pragma once

#include <immintrin.h>

#include <cstdint>

#include "nn/kernels/amx_tiles.h"
#include "nn/kernels/bf16.h"

// Weights as tiles of a right factor. Only for files compiled for AMX and AVX-512, each of which
// has its own copy.
namespace inkling::nn {
namespace {

// Columns [column, column + 16) of 32 rows as a tile of the right factor: pairs of rows side by
// side.
void pack_tile(const float* weights, int64_t stride, Bf16* tile) {
  alignas(64) uint16_t order[2 * tile_lanes];
  for (int64_t i = 0; i < tile_lanes; ++i) {
    order[2 * i] = static_cast<uint16_t>(i);
    order[2 * i + 1] = static_cast<uint16_t>(i + tile_lanes);
  }
  const __m512i interleave = _mm512_load_si512(order);
  for (int64_t pair = 0; pair < tile_depth / 2; ++pair) {
    const __m512 even = _mm512_loadu_ps(weights + 2 * pair * stride),
                 odd = _mm512_loadu_ps(weights + (2 * pair + 1) * stride);
    const auto both = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(odd, even));
    _mm512_storeu_si512(tile + pair * 2 * tile_lanes, _mm512_permutexvar_epi16(interleave, both));
  }
}

// The same of the transposed matrix: 32 columns of 16 rows.
void pack_transposed_tile(const float* weights, int64_t stride, Bf16* tile) {
  uint32_t pairs[tile_lanes][tile_lanes];
  for (int64_t row = 0; row < tile_lanes; ++row) {
    const float* from = weights + row * stride;
    _mm512_storeu_si512(pairs[row],
                        reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(
                            _mm512_loadu_ps(from + tile_lanes), _mm512_loadu_ps(from))));
  }
  alignas(64) int32_t offsets[tile_lanes];
  for (int i = 0; i < tile_lanes; ++i) offsets[i] = i * static_cast<int32_t>(tile_lanes);
  const __m512i column = _mm512_load_si512(offsets);
  for (int64_t pair = 0; pair < tile_lanes; ++pair) {
    _mm512_storeu_si512(
        tile + pair * 2 * tile_lanes,
        _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), 0xffff, column, &pairs[0][pair], 4));
  }
}

}  // namespace
}  // namespace inkling::nn
