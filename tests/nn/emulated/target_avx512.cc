// The names come first.
// clang-format off
#include "names.h"
#include "nn/kernels/target_avx512.cc"  // NOLINT(bugprone-suspicious-include)
