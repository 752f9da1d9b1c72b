// The products of a step with weights of 8 bits on processors that multiply these (AVX-512 VNNI):
// two instructions for what takes four elsewhere. All else is as for avx512. The build compiles
// this file alone for it.
#include <immintrin.h>

#include <cstdint>
#include <type_traits>

#include "nn/kernels/kernel_table.h"
#include "nn/kernels/targets.h"

#define INKLING_TARGET avx512_vnni
#define INKLING_LANES 16

// Each of these needs those before it.
// clang-format off
#include "nn/kernels/lanes.inc"
#include "nn/kernels/rows.inc"
#include "nn/kernels/panels.inc"
#include "nn/kernels/rounded_products.inc"
#include "nn/kernels/rounded_parts.inc"
// clang-format on

namespace inkling::nn::avx512_vnni {
namespace {

// The rows of x of one pass, each number in 16 bits: 256 * (high - 128) + low steps of its row's
// scale.
struct ByteRows {
  static constexpr int64_t side_by_side = 4;
  static constexpr int at_once = 3;

  void round(const SmallProduct& s, int64_t row, int64_t rows, int64_t k, int64_t count) {
    for (int64_t r = 0; r < rows; ++r) {
      const float* x = s.x + (row + r) * s.x_stride;
      if (k == 0) scale[r] = step_of(x, s.k);
      const __m512 steps = _mm512_set1_ps(scale[r] > 0 ? 1 / scale[r] : 0);
      for (int64_t i = 0; i < count; i += lanes) {
        const __m512 value = _mm512_maskz_loadu_ps(first(count - i), x + k + i);
        const __m512i all =
            _mm512_add_epi32(_mm512_maskz_cvtps_epi32(all_lanes, _mm512_mul_ps(value, steps)),
                             _mm512_set1_epi32(1 << 15));
        _mm_store_si128(
            reinterpret_cast<__m128i*>(high[r] + i),
            _mm512_maskz_cvtepi32_epi8(all_lanes, _mm512_maskz_srli_epi32(all_lanes, all, 8)));
        _mm_store_si128(reinterpret_cast<__m128i*>(low[r] + i),
                        _mm512_maskz_cvtepi32_epi8(all_lanes, all));
      }
    }
  }

  template <int M>
  void multiply(const RoundedPart& part, int64_t r, const uint8_t* panel, float* y) const {
    __m512i highs[M][panel_vectors], lows[M][panel_vectors];
    for (int m = 0; m < M; ++m) {
      for (int64_t v = 0; v < panel_vectors; ++v) highs[m][v] = lows[m][v] = _mm512_setzero_si512();
    }
    for (int64_t i = 0; i < part.count; i += side_by_side) {
      for (int64_t v = 0; v < panel_vectors; ++v) {
        const __m512i w = _mm512_loadu_si512(panel + i * panel_columns + v * 64);
        for (int m = 0; m < M; ++m) {
          highs[m][v] = _mm512_dpbusd_epi32(highs[m][v], everywhere(high[r + m] + i), w);
          lows[m][v] = _mm512_dpbusd_epi32(lows[m][v], everywhere(low[r + m] + i), w);
        }
      }
    }
    for (int64_t v = 0; v < panel_vectors; ++v) {
      const int64_t at = part.column + v * lanes;
      const __mmask16 mask = first(part.s.n - at);
      if (mask == 0) break;
      const __m512 column_scale = _mm512_maskz_loadu_ps(mask, part.s.scales + at);
      // The 128 that was added to every high, taken off for all parts at once.
      const __m512i added =
          _mm512_maskz_slli_epi32(all_lanes, _mm512_maskz_loadu_epi32(mask, part.s.sums + at), 7);
      for (int m = 0; m < M; ++m) {
        const __m512i sum = part.k == 0 ? _mm512_sub_epi32(highs[m][v], added) : highs[m][v];
        const __m512 steps =
            _mm512_fmadd_ps(_mm512_maskz_cvtepi32_ps(all_lanes, sum), _mm512_set1_ps(256),
                            _mm512_maskz_cvtepi32_ps(all_lanes, lows[m][v]));
        const __m512 step = _mm512_mul_ps(column_scale, _mm512_set1_ps(scale[r + m]));
        float* to = y + m * part.s.y_stride + at;
        _mm512_mask_storeu_ps(to, mask, _mm512_fmadd_ps(steps, step, before(part, to, at, mask)));
      }
    }
  }

 private:
  alignas(64) uint8_t high[most_rounded][rounded_depth];
  alignas(64) uint8_t low[most_rounded][rounded_depth];
  float scale[most_rounded];
};

}  // namespace

const KernelTable& kernels() {
  static const KernelTable table = [] {
    KernelTable t = avx512::kernels();
    t.name = "avx512_vnni";
    t.small_product_int8 = rounded_product<ByteRows>;
    return t;
  }();
  return table;
}

}  // namespace inkling::nn::avx512_vnni
