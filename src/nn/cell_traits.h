#pragma once

#include <cstdint>

#include "nn/network_spec.h"

namespace inkling::nn {

// What kind of cell a layer has, as numbers.
struct CellTraits {
  int index = 0;  // in AllCells
  int64_t gate_blocks = 0, state_blocks = 0, tape_blocks = 0;
  bool gates_add = false, reads_h = false;

  explicit CellTraits(const NetworkSpec& spec);
};

}  // namespace inkling::nn
