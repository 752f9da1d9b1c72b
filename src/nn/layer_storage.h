#pragma once

#include <cstddef>

#include "nn/chunk_engine.h"
#include "nn/network_spec.h"

namespace inkling::nn {

// Where a layer keeps the three that have a number for each gate of each step, one after the other:
// what its products with the inputs give (ax), what its steps keep for the way back (the tape) and
// their gradients (dax). A step reads its part of one before it writes the next, so that they
// share one place where they have the same type and order, and the last may have the first's.
struct LayerStorage {
  enum class Place { none, its_own, in_ax, in_tape };

  LayerStorage(const NetworkSpec& spec, const EngineOptions& options, size_t layer, bool in_team);

  bool has_ax = false;  // else a row of the weights is looked up
  Place tape = Place::its_own, dax = Place::its_own;
  // none: it equals dax; in_ax: behind dax; in_tape: in the first blocks of each of its rows.
  Place dah = Place::none;
  bool h_in_prev = false;  // the hidden state as a factor is the state itself
};

}  // namespace inkling::nn
