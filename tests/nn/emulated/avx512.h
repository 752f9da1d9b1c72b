#pragma once

#include "float16.h"
#include "numbers.h"
#include "vectors.h"

// Moves, arithmetic and conversions.
// NOLINTBEGIN(bugprone-reserved-identifier): the compilers' names.
#define _MM_FROUND_TO_NEAREST_INT 0
#define _MM_FROUND_NO_EXC 8
// NOLINTEND(bugprone-reserved-identifier)

namespace inkling::emulated {

inline __m512 _mm512_setzero_ps() { return __m512{}; }
inline __m512i _mm512_setzero_si512() { return __m512i{}; }
inline __m512 _mm512_set1_ps(float x) {
  return each<__m512, float>([&](int) { return x; });
}
inline __m512i _mm512_set1_epi32(int32_t x) {
  return each<__m512i, int32_t>([&](int) { return x; });
}
inline __m512 _mm512_castsi512_ps(__m512i x) { return reinterpret_cast<__m512>(x); }

inline __m512 _mm512_load_ps(const void* from) {
  require_aligned(from, 64);
  return load<__m512>(from);
}
inline __m512i _mm512_load_si512(const void* from) {
  require_aligned(from, 64);
  return load<__m512i>(from);
}
inline __m512 _mm512_loadu_ps(const void* from) { return load<__m512>(from); }
inline __m512i _mm512_loadu_si512(const void* from) { return load<__m512i>(from); }
inline __m256i _mm256_loadu_si256(const __m256i* from) { return load<__m256i>(from); }
inline void _mm512_store_ps(void* to, __m512 x) {
  require_aligned(to, 64);
  store(to, x);
}
inline void _mm512_store_si512(void* to, __m512i x) {
  require_aligned(to, 64);
  store(to, x);
}
inline void _mm512_storeu_si512(void* to, __m512i x) { store(to, x); }
inline void _mm256_store_si256(__m256i* to, __m256i x) {
  require_aligned(to, 32);
  store(to, x);
}
inline void _mm256_storeu_si256(__m256i* to, __m256i x) { store(to, x); }
inline void _mm_store_si128(__m128i* to, __m128i x) {
  require_aligned(to, 16);
  store(to, x);
}

// What the mask leaves out is not touched.
inline __m512 _mm512_maskz_loadu_ps(__mmask16 mask, const void* from) {
  const auto* x = static_cast<const float*>(from);
  return each<__m512, float>([&](int i) { return (mask >> i & 1) != 0 ? x[i] : 0; });
}
inline __m512i _mm512_maskz_loadu_epi32(__mmask16 mask, const void* from) {
  const auto* x = static_cast<const int32_t*>(from);
  return each<__m512i, int32_t>([&](int i) { return (mask >> i & 1) != 0 ? x[i] : 0; });
}
inline void _mm512_mask_storeu_ps(void* to, __mmask16 mask, __m512 x) {
  const auto n = numbers<float>(x);
  for (int i = 0; i < 16; ++i) {
    if ((mask >> i & 1) != 0) static_cast<float*>(to)[i] = n[i];
  }
}

inline __m512 _mm512_add_ps(__m512 a, __m512 b) { return a + b; }
inline __m512 _mm512_sub_ps(__m512 a, __m512 b) { return a - b; }
inline __m512 _mm512_mul_ps(__m512 a, __m512 b) { return a * b; }
inline __m512 _mm512_fmadd_ps(__m512 a, __m512 b, __m512 c) {
  const auto x = numbers<float>(a), y = numbers<float>(b), z = numbers<float>(c);
  return each<__m512, float>([&](int i) { return __builtin_fmaf(x[i], y[i], z[i]); });
}
inline __m512 _mm512_fnmadd_ps(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(-a, b, c); }
inline __m512 _mm512_abs_ps(__m512 a) {
  const auto x = numbers<float>(a);
  return each<__m512, float>([&](int i) { return __builtin_fabsf(x[i]); });
}
// b where one is NaN.
inline __m512 _mm512_maskz_max_ps(__mmask16 mask, __m512 a, __m512 b) {
  const auto x = numbers<float>(a), y = numbers<float>(b);
  return kept<float>(mask, each<__m512, float>([&](int i) { return x[i] > y[i] ? x[i] : y[i]; }));
}
inline __m512 _mm512_maskz_min_ps(__mmask16 mask, __m512 a, __m512 b) {
  const auto x = numbers<float>(a), y = numbers<float>(b);
  return kept<float>(mask, each<__m512, float>([&](int i) { return x[i] < y[i] ? x[i] : y[i]; }));
}

// 1 / x as far from it as the instruction may be: a relative error of 2^-14.
inline __m512 _mm512_maskz_rcp14_ps(__mmask16 mask, __m512 a) {
  const auto x = numbers<float>(a);
  return kept<float>(mask,
                     each<__m512, float>([&](int i) { return 1 / x[i] * (1 - 0x1.fep-15F); }));
}
inline __m512 _mm512_maskz_roundscale_ps(__mmask16 mask, __m512 a, int how) {
  require(how == _MM_FROUND_TO_NEAREST_INT, "roundscale but to nearest");
  const auto x = numbers<float>(a);
  return kept<float>(mask, each<__m512, float>([&](int i) { return __builtin_rintf(x[i]); }));
}
inline __m512 _mm512_maskz_reduce_ps(__mmask16 mask, __m512 a, int how) {
  require(how == 1, "reduce but by the floor");
  const auto x = numbers<float>(a);
  return kept<float>(mask,
                     each<__m512, float>([&](int i) { return x[i] - __builtin_floorf(x[i]); }));
}
// a * 2^floor(b), rounded once: exact in double, as no power beyond these leaves a float's range.
inline __m512 _mm512_maskz_scalef_ps(__mmask16 mask, __m512 a, __m512 b) {
  const auto x = numbers<float>(a), y = numbers<float>(b);
  const auto scaled = [&](int i) {
    float power = __builtin_floorf(y[i]);
    power = power > 300 ? 300 : power < -300 ? -300 : power;
    if (y[i] != y[i]) return y[i];
    const auto bits = static_cast<uint64_t>(static_cast<int64_t>(power) + 1023) << 52;
    return static_cast<float>(static_cast<double>(x[i]) * __builtin_bit_cast(double, bits));
  };
  return kept<float>(mask, each<__m512, float>(scaled));
}

// Sums that overflow wrap around.
inline __m512i _mm512_add_epi32(__m512i a, __m512i b) {
  const auto x = numbers<uint32_t>(a), y = numbers<uint32_t>(b);
  return each<__m512i, uint32_t>([&](int i) { return x[i] + y[i]; });
}
inline __m512i _mm512_sub_epi32(__m512i a, __m512i b) {
  const auto x = numbers<uint32_t>(a), y = numbers<uint32_t>(b);
  return each<__m512i, uint32_t>([&](int i) { return x[i] - y[i]; });
}
inline __m512i _mm512_maskz_slli_epi32(__mmask16 mask, __m512i a, unsigned count) {
  const auto x = numbers<uint32_t>(a);
  return kept<uint32_t>(
      mask, each<__m512i, uint32_t>([&](int i) { return count > 31 ? 0 : x[i] << count; }));
}
inline __m512i _mm512_maskz_srli_epi32(__mmask16 mask, __m512i a, unsigned count) {
  const auto x = numbers<uint32_t>(a);
  return kept<uint32_t>(
      mask, each<__m512i, uint32_t>([&](int i) { return count > 31 ? 0 : x[i] >> count; }));
}

// To nearest, ties to even; what does not fit in becomes the least number.
inline __m512i _mm512_maskz_cvtps_epi32(__mmask16 mask, __m512 a) {
  const auto x = numbers<float>(a);
  return kept<int32_t>(mask, each<__m512i, int32_t>([&](int i) {
                         const float whole = __builtin_rintf(x[i]);
                         const bool fits = whole >= -0x1p31F && whole < 0x1p31F;
                         return fits ? static_cast<int32_t>(whole) : INT32_MIN;
                       }));
}
inline __m512 _mm512_maskz_cvtepi32_ps(__mmask16 mask, __m512i a) {
  const auto x = numbers<int32_t>(a);
  return kept<float>(mask, each<__m512, float>([&](int i) { return static_cast<float>(x[i]); }));
}
// The low bytes.
inline __m128i _mm512_maskz_cvtepi32_epi8(__mmask16 mask, __m512i a) {
  const auto x = numbers<uint32_t>(a);
  return kept<uint8_t>(mask,
                       each<__m128i, uint8_t>([&](int i) { return static_cast<uint8_t>(x[i]); }));
}
inline __m512i _mm512_maskz_cvtepu16_epi32(__mmask16 mask, __m256i a) {
  const auto x = numbers<uint16_t>(a);
  return kept<uint32_t>(mask, each<__m512i, uint32_t>([&](int i) { return uint32_t{x[i]}; }));
}
inline __m512 _mm512_maskz_cvtph_ps(__mmask16 mask, __m256i a) {
  const auto x = numbers<uint16_t>(a);
  return kept<float>(mask, each<__m512, float>([&](int i) { return half_to_float(x[i]); }));
}
inline __m256i _mm512_maskz_cvtps_ph(__mmask16 mask, __m512 a, int how) {
  require((how & ~_MM_FROUND_NO_EXC) == _MM_FROUND_TO_NEAREST_INT, "cvtps_ph but to nearest");
  const auto x = numbers<float>(a);
  return kept<uint16_t>(mask, each<__m256i, uint16_t>([&](int i) { return float_to_half(x[i]); }));
}

}  // namespace inkling::emulated
