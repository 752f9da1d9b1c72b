// The names come first.
// clang-format off
#include "names.h"
#include "nn/kernels/target_avx512_vnni.cc"  // NOLINT(bugprone-suspicious-include)
