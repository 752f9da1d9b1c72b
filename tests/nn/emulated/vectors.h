#pragma once

#include <cstdint>

namespace inkling::emulated {

// NOLINTBEGIN(bugprone-reserved-identifier): the compilers' names.
using __m512 __attribute__((vector_size(64))) = float;
using __m512i __attribute__((vector_size(64))) = long long;
using __m512bh __attribute__((vector_size(64))) = short;
using __m256i __attribute__((vector_size(32))) = long long;
using __m256bh __attribute__((vector_size(32))) = short;
using __m128i __attribute__((vector_size(16))) = long long;
using __mmask16 = uint16_t;
using __mmask8 = uint8_t;
// NOLINTEND(bugprone-reserved-identifier)

}  // namespace inkling::emulated
