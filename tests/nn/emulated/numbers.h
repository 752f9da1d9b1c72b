#pragma once

#include <cstdint>

// What the emulated instructions are written with. No std functions: an inline one compiled here,
// for AVX2, might be linked into code for every processor.
namespace inkling::emulated {

// What the processor would answer with a signal: an address that is not aligned, tiles whose shapes
// do not fit, something that is not emulated. Throws.
[[noreturn]] void fault(const char* what);

inline void require(bool condition, const char* what) {
  if (!condition) fault(what);
}

// The numbers of a vector, or of some bytes.
template <class T, int N>
struct Numbers {
  T x[N];

  T& operator[](int i) { return x[i]; }
  const T& operator[](int i) const { return x[i]; }
};

template <class T, class Vector>
inline auto numbers(const Vector& v) {
  return __builtin_bit_cast(Numbers<T, int{sizeof(Vector) / sizeof(T)}>, v);
}

template <class Vector, class T, int N>
inline Vector vector_of(const Numbers<T, N>& n) {
  return __builtin_bit_cast(Vector, n);
}

// f(i) for each of N numbers.
template <class Vector, class T, class F>
inline Vector each(F&& f) {
  Numbers<T, int{sizeof(Vector) / sizeof(T)}> n;
  for (int i = 0; i < int{sizeof(Vector) / sizeof(T)}; ++i) n[i] = f(i);
  return vector_of<Vector>(n);
}

// v where the mask has a bit, else zero.
template <class T, class Vector>
inline Vector kept(uint32_t mask, const Vector& v) {
  const auto n = numbers<T>(v);
  return each<Vector, T>([&](int i) { return (mask >> i & 1) != 0 ? n[i] : T{}; });
}

template <class Vector>
inline Vector load(const void* from) {
  Vector v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

template <class Vector>
inline void store(void* to, const Vector& v) {
  __builtin_memcpy(to, &v, sizeof v);
}

inline void require_aligned(const void* at, uintptr_t bytes) {
  require(reinterpret_cast<uintptr_t>(at) % bytes == 0, "not aligned");
}

// A denormal as the zero that the instructions for bfloat16 take it for, and give for it.
inline float flushed(float x) {
  const auto bits = __builtin_bit_cast(uint32_t, x);
  return (bits & 0x7f800000U) != 0 ? x : __builtin_bit_cast(float, bits & 0x80000000U);
}

// Of a pair of bfloat16.
inline float lower_bf16(uint32_t pair) { return flushed(__builtin_bit_cast(float, pair << 16)); }
inline float upper_bf16(uint32_t pair) {
  return flushed(__builtin_bit_cast(float, pair & 0xffff0000U));
}
// As the products of bfloat16 do it: rounded once.
inline float multiply_add(float a, float b, float sum) {
  return flushed(__builtin_fmaf(a, b, sum));
}

// To nearest, ties to even; NaN stays one, quiet.
inline uint16_t float_to_bf16(float x) {
  const auto bits = __builtin_bit_cast(uint32_t, flushed(x));
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16, quiet = bits >> 16 | 0x40;
  return static_cast<uint16_t>(x != x ? quiet : rounded);
}

}  // namespace inkling::emulated
