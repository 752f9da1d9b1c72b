#pragma once

#include <vector>

#include "nn/kernels/instruction_set.h"

namespace inkling::test {

struct TableHere {
  nn::InstructionSet set;
  const nn::KernelTable& table;
};

// The kernels that can be run here, for instruction sets up to `most`: those that the processor has
// and the environment allows; then, with AVX2, those for AVX-512 and AMX once more, on the
// emulation of their instructions below nn/emulated, named "emulated ...".
std::vector<TableHere> tables_here(nn::InstructionSet most = nn::InstructionSet::avx512_amx);

}  // namespace inkling::test
