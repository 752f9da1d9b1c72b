#include "nn/cell_traits.h"

#include "nn/cells/cells.h"

namespace inkling::nn {

CellTraits::CellTraits(const NetworkSpec& spec) : index(cell_index(spec.cell, spec.activation)) {
  with_cell(spec.cell, spec.activation, [&](auto cell) {
    using Cell = decltype(cell);
    gate_blocks = Cell::gate_blocks, state_blocks = Cell::state_blocks,
    tape_blocks = Cell::tape_blocks;
    gates_add = Cell::gates_add, reads_h = Cell::reads_h;
  });
}

}  // namespace inkling::nn
