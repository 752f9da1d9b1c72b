// The products of a step with bfloat16 weights on processors that multiply these (AVX-512 BF16):
// one instruction for what takes four elsewhere; and the cells that write bfloat16, which is one
// instruction, too. All else is as for avx512 with VNNI. The build compiles this file alone for it.
#include <immintrin.h>

#include <cstdint>
#include <type_traits>

#include "nn/cells/cells.h"
#include "nn/kernels/kernel_table.h"
#include "nn/kernels/targets.h"
#include "nn/kernels/vector_math.h"

#define INKLING_TARGET avx512_bf16
#define INKLING_LANES 16

// Each of these needs those before it.
// clang-format off
#include "nn/kernels/lanes.inc"
#include "nn/kernels/quick_activations.inc"
#include "nn/kernels/rows.inc"
#include "nn/kernels/cells.inc"
#include "nn/kernels/panels.inc"
#include "nn/kernels/rounded_products.inc"
#include "nn/kernels/rounded_parts.inc"
// clang-format on

namespace inkling::nn::avx512_bf16 {
namespace {

// The rows of x of one pass, rounded to bfloat16. Beyond x: zero.
struct HalfRows {
  static constexpr int64_t side_by_side = 2;  // rows of W that stand side by side in a panel
  static constexpr int at_once = 6;           // as many rows of sums as the registers hold

  void round(const SmallProduct& s, int64_t row, int64_t rows, int64_t k, int64_t count) {
    for (int64_t r = 0; r < rows; ++r) {
      const float* x = s.x + (row + r) * s.x_stride + k;
      for (int64_t i = 0; i < count; i += lanes) {
        const __m512 value = _mm512_maskz_loadu_ps(first(count - i), x + i);
        _mm256_store_si256(reinterpret_cast<__m256i*>(bits[r] + i),
                           reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(value)));
      }
    }
  }

  // y [M, y_stride] = or += W's part times the rows from r on.
  template <int M>
  void multiply(const RoundedPart& part, int64_t r, const uint8_t* panel, float* y) const {
    __m512 sums[M][panel_vectors];
    for (int m = 0; m < M; ++m) {
      for (int64_t v = 0; v < panel_vectors; ++v) sums[m][v] = _mm512_setzero_ps();
    }
    for (int64_t i = 0; i < part.count; i += side_by_side) {
      for (int64_t v = 0; v < panel_vectors; ++v) {
        const __m512i w = _mm512_loadu_si512(panel + 2 * i * panel_columns + v * 64);
        for (int m = 0; m < M; ++m)
          sums[m][v] = _mm512_dpbf16_ps(sums[m][v], halves(everywhere(bits[r + m] + i)), halves(w));
      }
    }
    for (int64_t v = 0; v < panel_vectors; ++v) {
      const int64_t at = part.column + v * lanes;
      const __mmask16 mask = first(part.s.n - at);
      if (mask == 0) break;
      for (int m = 0; m < M; ++m) {
        float* to = y + m * part.s.y_stride + at;
        _mm512_mask_storeu_ps(to, mask, _mm512_add_ps(sums[m][v], before(part, to, at, mask)));
      }
    }
  }

 private:
  static __m512bh halves(__m512i bits) { return reinterpret_cast<__m512bh>(bits); }

  alignas(64) uint16_t bits[most_rounded][rounded_depth];
};

}  // namespace

const KernelTable& kernels() {
  static const KernelTable table = [] {
    KernelTable t = avx512_vnni::kernels();
    t.name = "avx512_bf16";
    fill_cells(t.cells_bf16, AllCells{});
    t.quick_tanh = map<tanh>;
    t.quick_sigmoid = map<sigmoid>;
    t.small_product_bf16 = rounded_product<HalfRows>;
    return t;
  }();
  return table;
}

}  // namespace inkling::nn::avx512_bf16
