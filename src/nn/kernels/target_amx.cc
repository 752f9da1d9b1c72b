// The product of a step on processors with AMX, whose tiles multiply sixteen rows in the time of
// reading the weights for one. All else is as for avx512_bf16. The build compiles this file alone for
// it.
#include <asm/prctl.h>
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "nn/kernels/amx_tiles.h"
#include "nn/kernels/kernel_table.h"
#include "nn/kernels/targets.h"

#ifndef ARCH_REQ_XCOMP_PERM
#define ARCH_REQ_XCOMP_PERM 0x1023
#endif

namespace inkling::nn::amx {
namespace {

constexpr int64_t lanes = tile_lanes;
constexpr int64_t panel_columns = 64;  // as avx512's: four tiles side by side
constexpr int64_t depth = 256;     // of one pass, so that a panel's part stays in the first cache
constexpr int64_t most_rows = 64;  // of one pass

// The rows of x that a pass works on, each float as the sum of two bfloat16, which keeps 16 bits of
// its mantissa: the weights' rounding to 8 is all that is seen. What lies beyond x is zero.
struct Rows {
  alignas(64) uint16_t high[most_rows][depth];
  alignas(64) uint16_t low[most_rows][depth];
};

__m256i rounded(__m512 x) { return reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x)); }

void split(const SmallProduct& s, int64_t row, int64_t rows, int64_t k, int64_t count, Rows& to) {
  const int64_t padded = (count + tile_depth - 1) / tile_depth * tile_depth;
  for (int64_t r = 0; r < rows; ++r) {
    const float* x = s.x + (row + r) * s.x_stride + k;
    for (int64_t i = 0; i < padded; i += lanes) {
      const int64_t left = count - i;
      const auto mask = static_cast<__mmask16>(left >= lanes ? 0xffff
                                               : left <= 0   ? 0
                                                             : (1 << left) - 1);
      const __m512 all = _mm512_maskz_loadu_ps(mask, x + i);
      const __m256i high = rounded(all);
      const __m512i bits = _mm512_maskz_cvtepu16_epi32(0xffff, high);
      const __m512 kept = _mm512_castsi512_ps(_mm512_maskz_slli_epi32(0xffff, bits, 16));
      _mm256_store_si256(reinterpret_cast<__m256i*>(to.high[r] + i), high);
      _mm256_store_si256(reinterpret_cast<__m256i*>(to.low[r] + i),
                         rounded(_mm512_sub_ps(all, kept)));
    }
  }
}

// Sums of up to 16 rows and a panel's columns over `count` factors.
void multiply(const Rows& x, int64_t row, const Bf16* panel, int64_t count, float* sums) {
  constexpr int64_t x_stride = depth * 2, w_stride = panel_columns * 4,
                    y_stride = panel_columns * 4;
  before_tiles_read();
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  alignas(64) Bf16 last[tile_depth * panel_columns] = {};
  for (int64_t k = 0; k < count; k += tile_depth) {
    const Bf16* w = panel + k * panel_columns;
    if (count - k < tile_depth) {  // beyond the panel stands another, or nothing
      const int64_t here = (count - k + 1) / 2 * 2 * panel_columns;
      for (int64_t i = 0; i < here; ++i) last[i] = w[i];
      w = last;
      before_tiles_read();
    }
    _tile_loadd(4, x.high[row] + k, x_stride);
    _tile_loadd(5, x.low[row] + k, x_stride);
    _tile_loadd(6, w, w_stride);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(0, 5, 6);
    _tile_loadd(7, w + 2 * lanes, w_stride);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(1, 5, 7);
    _tile_loadd(6, w + 4 * lanes, w_stride);
    _tile_dpbf16ps(2, 4, 6);
    _tile_dpbf16ps(2, 5, 6);
    _tile_loadd(7, w + 6 * lanes, w_stride);
    _tile_dpbf16ps(3, 4, 7);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, sums, y_stride);
  _tile_stored(1, sums + lanes, y_stride);
  _tile_stored(2, sums + 2 * lanes, y_stride);
  _tile_stored(3, sums + 3 * lanes, y_stride);
  before_tiles_read();
}

// y = or += sums + bias.
void put(const SmallProduct& s, int64_t row, int64_t rows, int64_t column, bool first,
         const float* sums) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t v = 0; v < panel_columns; v += lanes) {
      const int64_t left = s.n - column - v;
      if (left <= 0) break;
      const auto mask = static_cast<__mmask16>(left >= lanes ? 0xffff : (1 << left) - 1);
      float* y = s.y + (row + r) * s.y_stride + column + v;
      __m512 sum = _mm512_load_ps(sums + r * panel_columns + v);
      if (first && s.bias != nullptr)
        sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, s.bias + column + v));
      if (!first || s.accumulate) sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, y));
      _mm512_mask_storeu_ps(y, mask, sum);
    }
  }
}

void small_product(const SmallProduct& s) {
  static thread_local Rows x;
  alignas(64) float sums[lanes * panel_columns];
  const int64_t pairs = (s.k + 1) / 2;
  shape_tiles(s.m < lanes ? s.m : lanes);
  for (int64_t row = 0; row < s.m; row += most_rows) {
    const int64_t rows = s.m - row < most_rows ? s.m - row : most_rows;
    for (int64_t k = 0; k < s.k; k += depth) {
      const int64_t count = s.k - k < depth ? s.k - k : depth;
      split(s, row, rows, k, count, x);
      for (int64_t p = s.panel_begin; p < s.panel_end; ++p) {
        const Bf16* panel =
            static_cast<const Bf16*>(s.panels) + (p * pairs * 2 + k) * panel_columns;
        for (int64_t r = 0; r < rows; r += lanes) {
          multiply(x, r, panel, count, sums);
          put(s, row + r, rows - r < lanes ? rows - r : lanes, p * panel_columns, k == 0, sums);
        }
      }
    }
  }
  _tile_release();
}

}  // namespace

bool usable() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  // Compilers name these bits differently.
  constexpr unsigned amx_bf16 = 1U << 22, amx_tile = 1U << 24;
  if ((d & amx_tile) == 0 || (d & amx_bf16) == 0) return false;
  constexpr long tile_data = 18;  // the state that Linux lets a process use when it asks
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, tile_data) == 0;
}

const KernelTable& kernels() {
  static const KernelTable table = [] {
    KernelTable t = avx512_bf16::kernels();
    t.name = "avx512_amx";
    t.small_product_bf16 = small_product;
    amx_layer::add(t);
    amx_gradient::add(t);
    amx_product::add(t);
    return t;
  }();
  return table;
}

}  // namespace inkling::nn::amx
