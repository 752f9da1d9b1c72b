#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nn/head_shard.h"
#include "nn/layer_shard.h"

namespace inkling::nn {

// The whole network over one shard. run() is all of it: what one thread does between two meetings.
// Where teams run the layers' time loops, its parts do what is between them.
template <class Operand>
class NetworkShard {
 public:
  NetworkShard(const NetworkSpec& spec, const EngineOptions& options, const PackedNetwork& network,
               int64_t first_stream, int64_t rows);

  void run(const Chunk& chunk, const Dropout& dropout, float gradient_scale, bool with_gradient);

  void read_inputs(const Chunk& chunk);
  void begin_forward(size_t layer) { layers_[layer]->begin_forward(inputs_[layer]); }
  // The head, forward and, with_gradient, backward.
  void run_head(const Chunk& chunk, float gradient_scale, bool with_gradient);
  void end_backward(size_t layer) { layers_[layer]->end_backward(dinputs_[layer], add_[layer]); }

  LayerShard<Operand>& layer(size_t l) { return *layers_[l]; }
  size_t layer_count() const { return layers_.size(); }
  HeadShard<Operand>& head() { return head_; }
  const HeadShard<Operand>& head() const { return head_; }
  // The rows of `source` that fed a product: a layer's outputs or the embedded input, [T*M, width].
  const Operand* output_of(int source) const {
    return source == LayerSpec::network_input ? embedded_.data()
                                              : layers_[static_cast<size_t>(source)]->out();
  }
  const int32_t* tokens() const { return tokens_.data(); }  // [T*M] inputs in this shard's order
  const float* dembedded() const { return dembedded_.data(); }  // [T*M, E]
  int64_t first_stream() const { return first_stream_; }
  int64_t rows() const { return rows_; }
  int64_t bytes() const;

 private:
  float* doutput_of(int source) {
    return source == LayerSpec::network_input ? dembedded_.data()
                                              : layers_[static_cast<size_t>(source)]->dout().data();
  }

  const NetworkSpec& spec_;
  const EngineOptions options_;
  const PackedNetwork& network_;
  const int64_t first_stream_, rows_;
  std::vector<std::unique_ptr<LayerShard<Operand>>> layers_;
  HeadShard<Operand> head_;
  std::vector<int32_t> tokens_;
  Buffer<Operand> embedded_;  // [T*M, E]
  Buffer<float> dembedded_;
  // For each layer, in its products' order: where inputs come from and gradients go.
  std::vector<std::vector<const Operand*>> inputs_;
  std::vector<std::vector<float*>> dinputs_;
  std::vector<std::vector<char>> add_;  // whether an earlier consumer has written there already
  std::vector<const Operand*> head_sources_;
  std::vector<float*> dhead_sources_;
  bool head_adds_ = false;
};

}  // namespace inkling::nn
