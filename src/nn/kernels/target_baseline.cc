// The kernels for baseline; the build compiles this file alone for that instruction set.
#include <immintrin.h>

#include <cstdint>
#include <type_traits>

#include "nn/cells/cells.h"
#include "nn/kernels/kernel_table.h"
#include "nn/kernels/targets.h"
#include "nn/kernels/vector_math.h"

#define INKLING_LANES 4

// Each of these needs those before it. First the cells for narrow numbers, which have activations
// of their own.
// clang-format off
#define INKLING_TARGET baseline::narrow
#include "nn/kernels/lanes.inc"
#include "nn/kernels/quick_activations.inc"
#include "nn/kernels/rows.inc"
#include "nn/kernels/cells.inc"
#undef INKLING_TARGET

#define INKLING_TARGET baseline
#define INKLING_TARGET_NAME "baseline"
#include "nn/kernels/lanes.inc"
#include "nn/kernels/activations.inc"
#include "nn/kernels/rows.inc"
#include "nn/kernels/panels.inc"
#include "nn/kernels/products.inc"
#include "nn/kernels/cells.inc"
#include "nn/kernels/target.inc"
// clang-format on
