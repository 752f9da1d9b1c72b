// The names come first.
// clang-format off
#include "names.h"
#include "nn/kernels/target_amx_gradient.cc"  // NOLINT(bugprone-suspicious-include)
