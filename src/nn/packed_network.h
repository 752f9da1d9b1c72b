#pragma once

#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "nn/buffer.h"
#include "nn/gate_panels.h"
#include "nn/kernels/matrix_product.h"
#include "nn/network_spec.h"
#include "nn/parameter_layout.h"

namespace inkling::nn {

// The weights of one matrix as its products want them.
struct PackedWeights {
  std::vector<PackedMatrix> forward;   // x W, one for each source that feeds it by a product
  std::vector<PackedMatrix> backward;  // dy W', the same order
  std::vector<int64_t> first_row;      // of each in W
  std::vector<int> source;             // LayerSpec::network_input, or the layer
};

// Where one layer's parameters lie, and its packed products.
struct PackedLayer {
  const ParameterInfo* weight_ih = nullptr;
  const ParameterInfo* weight_hh = nullptr;
  const ParameterInfo* bias_ih = nullptr;
  const ParameterInfo* bias_hh = nullptr;
  const ParameterInfo* gain_ih = nullptr;  // nullptr: no layer normalisation
  const ParameterInfo* gain_hh = nullptr;
  const ParameterInfo* gain_c = nullptr;
  const ParameterInfo* bias_c = nullptr;
  const ParameterInfo* init_h = nullptr;  // nullptr: zero
  const ParameterInfo* init_c = nullptr;
  int64_t look_up_row = -1;  // first row of weight_ih that one-hot input looks up; -1 = none
  PackedWeights input;
  PackedWeights recurrent;  // empty where panels serve
  GatePanels panels;
  Buffer<float> bias_sum;  // [G*H] bias_ih + bias_hh
};

// A network's weights prepared for a ChunkEngine: packed once per update, shared by all shards.
class PackedNetwork {
 public:
  // rows: of the products over one shard: a whole chunk, one step, the head. team: where given, the
  // recurrent weights are packed for these kernels instead.
  PackedNetwork(const NetworkSpec& spec, int64_t chunk_rows, int64_t step_rows, int64_t head_rows,
                Precision precision, bool train, const LayerKernels* team = nullptr);

  void set_weights(const float* weights, ThreadPool& pool);

  const ParameterLayout& layout() const { return layout_; }
  const float* weights() const { return weights_; }
  const float* at(const ParameterInfo* info) const { return weights_ + info->offset; }
  const PackedLayer& layer(size_t l) const { return layers_[l]; }
  const PackedWeights& head() const { return head_; }
  const ParameterInfo* head_weight() const { return head_weight_; }
  const ParameterInfo* head_bias() const { return head_bias_; }
  const ParameterInfo* embedding() const { return embedding_; }  // nullptr: one-hot
  int64_t bytes() const;

 private:
  struct PackTask {
    PackedMatrix* matrix;
    int64_t offset;
    bool transposed;
  };
  void add(PackedWeights& weights, int source, int64_t first_row, int64_t rows,
           const ParameterInfo& info, int64_t product_rows, Precision precision, bool backward);
  void list_tasks(PackedWeights& weights, const ParameterInfo& info);

  struct PanelTask {
    PackedLayer* layer;
    int64_t unit_begin, unit_end;
  };

  ParameterLayout layout_;
  const ParameterInfo *head_weight_, *head_bias_, *embedding_;
  std::vector<PackedLayer> layers_;
  PackedWeights head_;
  std::vector<PackTask> tasks_;
  std::vector<PanelTask> panel_tasks_;
  const float* weights_ = nullptr;
};

}  // namespace inkling::nn
