#pragma once

#include "nn/kernels/kernel_table.h"

// The kernel tables that this build holds, one for each instruction set.
namespace inkling::nn {

namespace baseline {
const KernelTable& kernels();
}
namespace avx2 {
const KernelTable& kernels();
}
namespace avx512 {
const KernelTable& kernels();
}

}  // namespace inkling::nn
