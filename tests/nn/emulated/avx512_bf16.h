#pragma once

#include "numbers.h"
#include "vectors.h"

// Products and conversions of bfloat16 (AVX-512 BF16), and of 8 bits (VNNI).
namespace inkling::emulated {

inline __m256bh _mm512_cvtneps_pbh(__m512 a) {
  const auto x = numbers<float>(a);
  return each<__m256bh, uint16_t>([&](int i) { return float_to_bf16(x[i]); });
}

// b below, a above.
inline __m512bh _mm512_cvtne2ps_pbh(__m512 a, __m512 b) {
  const auto x = numbers<float>(a), y = numbers<float>(b);
  return each<__m512bh, uint16_t>([&](int i) { return float_to_bf16(i < 16 ? y[i] : x[i - 16]); });
}

// Of each pair the upper product first, each rounded.
inline __m512 _mm512_dpbf16_ps(__m512 sum, __m512bh a, __m512bh b) {
  const auto x = numbers<uint32_t>(a), y = numbers<uint32_t>(b);
  const auto before = numbers<float>(sum);
  return each<__m512, float>([&](int i) {
    const float upper = multiply_add(upper_bf16(x[i]), upper_bf16(y[i]), flushed(before[i]));
    return multiply_add(lower_bf16(x[i]), lower_bf16(y[i]), upper);
  });
}

// Four products of bytes for each sum: of a without a sign, of b with one.
inline __m512i _mm512_dpbusd_epi32(__m512i sum, __m512i a, __m512i b) {
  const auto before = numbers<uint32_t>(sum), x = numbers<uint32_t>(a), y = numbers<uint32_t>(b);
  return each<__m512i, uint32_t>([&](int i) {
    int32_t products = 0;
    for (int byte = 0; byte < 4; ++byte) {
      products += static_cast<uint8_t>(x[i] >> (8 * byte)) *
                  static_cast<int8_t>(static_cast<uint8_t>(y[i] >> (8 * byte)));
    }
    return before[i] + static_cast<uint32_t>(products);
  });
}

}  // namespace inkling::emulated
