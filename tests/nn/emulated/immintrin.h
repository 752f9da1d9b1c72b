#pragma once

// Instead of the compiler's <immintrin.h>, for the copies of the kernels for AVX-512 and AMX that
// the tests run on processors without them: the intrinsics that these kernels use, and no others,
// as Intel's documentation describes them. Plain C++ on the compiler's vectors.
//
// __AVX512BF16__ is defined by those target_*.cc that the build compiles for it.
#define __AVX512F__ 1     // NOLINT(bugprone-reserved-identifier)
#define INKLING_EMULATED  // vectors that no register holds

#include "amx.h"
#include "avx512.h"
#include "avx512_bf16.h"
#include "avx512_shuffles.h"

namespace inkling {
using namespace emulated;  // NOLINT: where the kernels look for them
}
