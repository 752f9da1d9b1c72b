#pragma once

#include "numbers.h"
#include "vectors.h"

// What puts numbers of vectors into another order.
namespace inkling::emulated {

// Whatever is above: not a number that anybody may rely on.
inline __m512i _mm512_castsi256_si512(__m256i a) {
  const auto x = numbers<uint32_t>(a);
  return each<__m512i, uint32_t>([&](int i) { return i < 8 ? x[i] : 0xdeadbeefU; });
}

// a, b in its lower half (where 0) or its upper one.
inline __m512i _mm512_maskz_inserti64x4(__mmask8 mask, __m512i a, __m256i b, int where) {
  const auto x = numbers<uint64_t>(a);
  const auto y = numbers<uint64_t>(b);
  return kept<uint64_t>(
      mask, each<__m512i, uint64_t>([&](int i) { return i / 4 == (where & 1) ? y[i % 4] : x[i]; }));
}

inline __m512i _mm512_permutexvar_epi16(__m512i order, __m512i a) {
  const auto from = numbers<uint16_t>(order), x = numbers<uint16_t>(a);
  return each<__m512i, uint16_t>([&](int i) { return x[from[i] & 31]; });
}

// Of each 128 bits the lower (First 0) or the upper half of a and b, number by number.
template <class T, int First>
inline __m512i interleaved(__m512i a, __m512i b) {
  constexpr int in_lane = 16 / int{sizeof(T)};
  const auto x = numbers<T>(a), y = numbers<T>(b);
  return each<__m512i, T>([&](int i) {
    const int from = i / in_lane * in_lane + First * in_lane / 2 + i % in_lane / 2;
    return i % 2 == 0 ? x[from] : y[from];
  });
}
inline __m512i _mm512_maskz_unpacklo_epi32(__mmask16 mask, __m512i a, __m512i b) {
  return kept<uint32_t>(mask, interleaved<uint32_t, 0>(a, b));
}
inline __m512i _mm512_maskz_unpackhi_epi32(__mmask16 mask, __m512i a, __m512i b) {
  return kept<uint32_t>(mask, interleaved<uint32_t, 1>(a, b));
}
inline __m512i _mm512_maskz_unpacklo_epi64(__mmask8 mask, __m512i a, __m512i b) {
  return kept<uint64_t>(mask, interleaved<uint64_t, 0>(a, b));
}
inline __m512i _mm512_maskz_unpackhi_epi64(__mmask8 mask, __m512i a, __m512i b) {
  return kept<uint64_t>(mask, interleaved<uint64_t, 1>(a, b));
}

// Parts of 128 bits: two of a, then two of b, each as two bits of `which` say.
inline __m512i _mm512_maskz_shuffle_i32x4(__mmask16 mask, __m512i a, __m512i b, int which) {
  const auto x = numbers<uint32_t>(a), y = numbers<uint32_t>(b);
  return kept<uint32_t>(mask, each<__m512i, uint32_t>([&](int i) {
                          const int part = which >> (i / 4 * 2) & 3, from = part * 4 + i % 4;
                          return i < 8 ? x[from] : y[from];
                        }));
}

// What the mask leaves out is not touched.
inline __m512i _mm512_mask_i32gather_epi32(__m512i otherwise, __mmask16 mask, __m512i index,
                                           const void* base, int scale) {
  const auto x = numbers<int32_t>(otherwise), at = numbers<int32_t>(index);
  return each<__m512i, int32_t>([&](int i) {
    if ((mask >> i & 1) == 0) return x[i];
    int32_t number;
    __builtin_memcpy(&number, static_cast<const char*>(base) + int64_t{at[i]} * scale,
                     sizeof number);
    return number;
  });
}

}  // namespace inkling::emulated
