// The product of a step with weights of 8 bits on processors that multiply them (AVX-512 VNNI): it
// reads half of what bfloat16 does, with a quarter of the instructions. All else is as for avx512.
// The build compiles this file alone for it.
#include <immintrin.h>

#include <cstdint>

#include "nn/kernels/kernel_table.h"
#include "nn/kernels/targets.h"

namespace inkling::nn::vnni {
namespace {

constexpr int lanes = 16;
constexpr int panel_vectors = 4;
constexpr int64_t panel_columns = panel_vectors * lanes;  // as avx512's
constexpr int64_t depth = 1024;    // of one pass: sums of 8 by 8 bits stay far below 2^31
constexpr int64_t most_rows = 64;  // of one pass
constexpr int side_rows = 3;       // as many sums at once as the registers hold

// The rows of x that a pass works on, each number in 16 bits: 256 * (high - 128) + low steps of the
// row's scale. Beyond x: zero.
struct Rows {
  alignas(64) uint8_t high[most_rows][depth];
  alignas(64) uint8_t low[most_rows][depth];
  float scale[most_rows];
};

constexpr __mmask16 all_lanes = 0xffff;  // named, as compilers warn of the plain forms

__mmask16 first(int64_t count) {
  return static_cast<__mmask16>(count >= lanes ? 0xffff : count <= 0 ? 0 : (1 << count) - 1);
}

// A step of a row of x: NaN where one of its numbers is none, or infinite.
float scale_of(const float* x, int64_t k) {
  constexpr float most = 32512;  // so that high keeps within 1 and 255
  __m512 largest = _mm512_setzero_ps(), marks = _mm512_setzero_ps();
  for (int64_t i = 0; i < k; i += lanes) {
    const __m512 value = _mm512_maskz_loadu_ps(first(k - i), x + i);
    largest = _mm512_maskz_max_ps(all_lanes, largest, _mm512_abs_ps(value));
    marks = _mm512_fmadd_ps(value, _mm512_setzero_ps(), marks);  // 0, or NaN
  }
  alignas(64) float sizes[lanes], sums[lanes];
  _mm512_store_ps(sizes, largest);
  _mm512_store_ps(sums, marks);
  float size = 0, mark = 0;
  for (int i = 0; i < lanes; ++i) {
    size = sizes[i] > size ? sizes[i] : size;
    mark += sums[i];
  }
  return (size + mark) / most;
}

void round_rows(const SmallProduct& s, int64_t row, int64_t rows, int64_t k, int64_t count,
                Rows& to) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* x = s.x + (row + r) * s.x_stride;
    if (k == 0) to.scale[r] = scale_of(x, s.k);
    const float scale = to.scale[r];
    const __m512 steps = _mm512_set1_ps(scale > 0 ? 1 / scale : 0);
    for (int64_t i = 0; i < count; i += lanes) {
      const __m512 value = _mm512_maskz_loadu_ps(first(count - i), x + k + i);
      const __m512i all =
          _mm512_add_epi32(_mm512_maskz_cvtps_epi32(all_lanes, _mm512_mul_ps(value, steps)),
                           _mm512_set1_epi32(1 << 15));
      _mm_store_si128(
          reinterpret_cast<__m128i*>(to.high[r] + i),
          _mm512_maskz_cvtepi32_epi8(all_lanes, _mm512_maskz_srli_epi32(all_lanes, all, 8)));
      _mm_store_si128(reinterpret_cast<__m128i*>(to.low[r] + i),
                      _mm512_maskz_cvtepi32_epi8(all_lanes, all));
    }
  }
}

inline __m512i four(const uint8_t* x) {
  int32_t bits;
  __builtin_memcpy(&bits, x, sizeof bits);
  return _mm512_set1_epi32(bits);
}

// y [M, columns of a panel] = or += scales * (x W) + bias, over the `count` rows of W from k on.
template <int M>
void multiply(const SmallProduct& s, const Rows& x, int64_t row, int64_t r, const int8_t* panel,
              int64_t k, int64_t count, int64_t column) {
  __m512i high[M][panel_vectors], low[M][panel_vectors];
  for (int m = 0; m < M; ++m) {
    for (int v = 0; v < panel_vectors; ++v) high[m][v] = low[m][v] = _mm512_setzero_si512();
  }
  for (int64_t i = 0; i < count; i += 4) {
    for (int v = 0; v < panel_vectors; ++v) {
      const __m512i w = _mm512_loadu_si512(panel + (k + i) * panel_columns + v * 4 * lanes);
      for (int m = 0; m < M; ++m) {
        high[m][v] = _mm512_dpbusd_epi32(high[m][v], four(x.high[r + m] + i), w);
        low[m][v] = _mm512_dpbusd_epi32(low[m][v], four(x.low[r + m] + i), w);
      }
    }
  }
  for (int v = 0; v < panel_vectors; ++v) {
    const int64_t at = column + v * lanes;
    const __mmask16 mask = first(s.n - at);
    if (mask == 0) break;
    const __m512 scale = _mm512_maskz_loadu_ps(mask, s.scales + at);
    // The 128 that was added to every high, taken off for all passes at once.
    const __m512i added =
        _mm512_maskz_slli_epi32(all_lanes, _mm512_maskz_loadu_epi32(mask, s.sums + at), 7);
    for (int m = 0; m < M; ++m) {
      float* y = s.y + (row + r + m) * s.y_stride + at;
      const __m512i signed_high = k == 0 ? _mm512_sub_epi32(high[m][v], added) : high[m][v];
      const __m512 steps =
          _mm512_fmadd_ps(_mm512_maskz_cvtepi32_ps(all_lanes, signed_high), _mm512_set1_ps(256),
                          _mm512_maskz_cvtepi32_ps(all_lanes, low[m][v]));
      const __m512 step = _mm512_mul_ps(scale, _mm512_set1_ps(x.scale[r + m]));
      __m512 before = _mm512_setzero_ps();
      if (k == 0 && s.bias != nullptr) before = _mm512_maskz_loadu_ps(mask, s.bias + at);
      if (k > 0 || s.accumulate) before = _mm512_add_ps(before, _mm512_maskz_loadu_ps(mask, y));
      const __m512 sum = _mm512_fmadd_ps(steps, step, before);
      _mm512_mask_storeu_ps(y, mask, sum);
    }
  }
}

void small_product(const SmallProduct& s) {
  static thread_local Rows x;
  const int64_t panel_size = (s.k + 3) / 4 * 4 * panel_columns;
  for (int64_t row = 0; row < s.m; row += most_rows) {
    const int64_t rows = s.m - row < most_rows ? s.m - row : most_rows;
    for (int64_t k = 0; k < s.k; k += depth) {
      const int64_t count = s.k - k < depth ? s.k - k : depth;
      round_rows(s, row, rows, k, count, x);
      for (int64_t p = s.panel_begin; p < s.panel_end; ++p) {
        const int8_t* panel = static_cast<const int8_t*>(s.panels) + p * panel_size;
        const int64_t column = p * panel_columns;
        int64_t r = 0;
        for (; r + side_rows <= rows; r += side_rows)
          multiply<side_rows>(s, x, row, r, panel, k, count, column);
        if (rows - r == 2) multiply<2>(s, x, row, r, panel, k, count, column);
        if (rows - r == 1) multiply<1>(s, x, row, r, panel, k, count, column);
      }
    }
  }
}

}  // namespace

const KernelTable& kernels() {
  static const KernelTable table = [] {
    KernelTable t = avx512::kernels();
    t.name = "avx512_bf16";
    t.small_product_int8 = small_product;
    return t;
  }();
  return table;
}

}  // namespace inkling::nn::vnni
