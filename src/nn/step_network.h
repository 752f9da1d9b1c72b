#pragma once

#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "nn/buffer.h"
#include "nn/cell_traits.h"
#include "nn/network_spec.h"
#include "nn/panel_matrix.h"
#include "nn/parameter_layout.h"
#include "nn/precision.h"

namespace inkling::nn {

// A network's weights as a step reads them: matrices in panels, and where all else stands.
// Immutable after construction; any number of threads may use it.
struct StepNetwork {
  // The products of one layer (or the head) and what feeds them.
  struct Panels {
    std::vector<PanelMatrix> input;  // one for each product source
    std::vector<int> source;
    int64_t look_up_row = -1;
  };

  // Where a layer's other parameters stand, so that no step looks for them by name; nullptr: it has
  // none.
  struct LayerVectors {
    const float *table, *bias_ih, *bias_hh, *gain_ih, *gain_hh, *gain_c,
        *bias_c;  // table: weight_ih from the looked-up rows on
  };

  // One of the networks side by side, or the only one: its layers, the head's inputs from them, and
  // where its part of a stream's state begins.
  struct Stack {
    size_t first_layer, layers, first_head, heads;
    int64_t state_offset;
  };

  // weights: flat by ParameterLayout; look-up tables and biases are read from there, so keep them.
  // pool: shares the packing, or nullptr.
  StepNetwork(const NetworkSpec& description, const float* weights, Precision precision,
              ThreadPool* pool);

  // A layer's units, and the numbers of their gates.
  int64_t hidden(size_t l) const { return spec.layers[l].hidden_size; }
  int64_t width(size_t l) const { return cell.gate_blocks * hidden(l); }
  // The state before the first character, [state_size].
  void initial_state(float* state) const;
  int64_t bytes() const;  // of the matrices

  const NetworkSpec spec;
  const CellTraits cell;
  const bool narrow;  // the weights are of 16 or 8 bits
  std::vector<Panels> layers;
  std::vector<PanelMatrix> recurrent;
  std::vector<LayerVectors> vectors;
  std::vector<Stack> stacks;
  Panels head;
  const float* head_bias;
  const float* embedding = nullptr;  // [V, embedding_size], or none
  Buffer<float> zeros;               // as wide as any layer and an embedding

 private:
  const ParameterInfo* of(const char* stem, size_t l) const;
  const float* at(const char* stem, size_t l) const;
  Panels make_panels(const std::vector<int>& inputs, const ParameterInfo& info, Precision precision,
                     ThreadPool* pool) const;

  const ParameterLayout layout_;
  const float* weights_;
};

}  // namespace inkling::nn
