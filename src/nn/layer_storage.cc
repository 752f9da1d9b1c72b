#include "nn/layer_storage.h"

#include "nn/cell_traits.h"

namespace inkling::nn {

LayerStorage::LayerStorage(const NetworkSpec& spec, const EngineOptions& options, size_t layer,
                           bool in_team) {
  const CellTraits cell(spec);
  const bool is_float = options.precision != Precision::bf16;
  for (const int source : spec.layers[layer].inputs)
    has_ax = has_ax || source != LayerSpec::network_input || spec.embedding_size > 0;
  // As many numbers, in the same order.
  const bool like_gates = cell.tape_blocks == cell.gate_blocks && !in_team;
  if (!options.train) {
    tape = spec.layer_norm ? Place::its_own : Place::none;
    dax = Place::none;
  } else {
    tape = like_gates && has_ax ? Place::in_ax : Place::its_own;
    if (like_gates && is_float) {
      dax = Place::in_tape;
    } else if (has_ax && tape != Place::in_ax) {
      dax = Place::in_ax;
    }
    if (spec.layer_norm) {
      dah = dax == Place::in_ax && !is_float ? Place::in_ax : Place::its_own;
    } else if (!cell.gates_add) {
      dah = is_float ? Place::in_tape : dax == Place::in_ax ? Place::in_ax : Place::its_own;
    }
  }
  h_in_prev = cell.reads_h && is_float;
}

}  // namespace inkling::nn
