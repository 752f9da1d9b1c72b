// As the build has it for this file, which lanes.inc looks at.
#define __AVX512BF16__ 1  // NOLINT(bugprone-reserved-identifier)

// The names come first.
// clang-format off
#include "names.h"
#include "nn/kernels/target_avx512_bf16.cc"  // NOLINT(bugprone-suspicious-include)
