#pragma once

#include <cstdint>

// float16 (IEEE 754 binary16) and float32, as F16C and AVX-512 convert them. Each file has its own
// copy, for its instruction set.
namespace inkling::emulated {
namespace {

[[maybe_unused]] float half_to_float(uint16_t half) {
  const uint32_t sign = (half & 0x8000U) << 16, exponent = half >> 10 & 31U,
                 mantissa = half & 0x3ffU;
  if (exponent == 0) {  // zero, or a denormal: exact in float32
    const float size = static_cast<float>(mantissa) * 0x1p-24F;
    return sign != 0 ? -size : size;
  }
  uint32_t bits = sign | (exponent + 112) << 23 | mantissa << 13;
  if (exponent == 31) bits = sign | 0x7f800000U | (mantissa != 0 ? 0x400000U : 0) | mantissa << 13;
  return __builtin_bit_cast(float, bits);
}

// To nearest, ties to even; NaN stays one, quiet.
[[maybe_unused]] uint16_t float_to_half(float x) {
  const auto bits = __builtin_bit_cast(uint32_t, x);
  const uint32_t sign = bits >> 16 & 0x8000U, size = bits & 0x7fffffffU;
  uint32_t half = 0x7c00U;  // infinite
  if (x != x) {
    half = 0x7e00U | (size >> 13 & 0x3ffU);
  } else if (size < 0x38800000U) {  // below 2^-14: a denormal, whose last place is 2^-24
    // Adding 2^-1, whose last place is the same, rounds; 2^-25 is half of it.
    const float shifted = __builtin_bit_cast(float, size) + 0.5F;
    half = __builtin_bit_cast(uint32_t, shifted) - __builtin_bit_cast(uint32_t, 0.5F);
  } else if (size < 0x477ff000U) {  // below 65520, which rounds to infinity
    half = (size - (112U << 23) + 0xfff + (size >> 13 & 1)) >> 13;
  }
  return static_cast<uint16_t>(sign | half);
}

}  // namespace
}  // namespace inkling::emulated
