#include "nn/network_shard.h"

namespace inkling::nn {

template <class Operand>
NetworkShard<Operand>::NetworkShard(const NetworkSpec& spec, const EngineOptions& options,
                                    const PackedNetwork& network, int64_t first_stream,
                                    int64_t rows)
    : spec_(spec),
      options_(options),
      network_(network),
      first_stream_(first_stream),
      rows_(rows),
      head_(spec, options, network, first_stream, rows) {
  const int64_t all = options.steps * rows;
  tokens_.resize(static_cast<size_t>(all), Chunk::no_input);
  if (spec.embedding_size > 0) {
    embedded_ = Buffer<Operand>(all * spec.embedding_size);
    if (options.train) dembedded_ = Buffer<float>(all * spec.embedding_size);
  }
  layers_.reserve(spec.layers.size());
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    layers_.push_back(
        std::make_unique<LayerShard<Operand>>(spec, l, options, network, first_stream, rows));
  }
  const int64_t skipped = all - head_.rows();  // many-to-one: the head reads the last step alone
  head_sources_.reserve(network.head().source.size());
  dhead_sources_.reserve(network.head().source.size());
  for (const int source : network.head().source) {
    const int64_t size = spec.source_size(source);
    head_sources_.push_back(output_of(source) + skipped * size);
    dhead_sources_.push_back(options.train ? doutput_of(source) + skipped * size : nullptr);
  }
  // Gradients are handed down from the head, then from the last layer to the first: the first to
  // write overwrites. In many-to-one the head writes one step only, so the rest is cleared
  // beforehand and everybody adds.
  head_adds_ = options.last_step_only;
  std::vector<char> written(spec.layers.size() + 1, options.last_step_only ? 1 : 0);
  for (const int source : network.head().source) written[static_cast<size_t>(source) + 1] = 1;
  inputs_.resize(spec.layers.size()), dinputs_.resize(spec.layers.size()),
      add_.resize(spec.layers.size());
  for (size_t l = spec.layers.size(); l-- > 0;) {
    inputs_[l].reserve(network.layer(l).input.source.size());
    for (const int source : network.layer(l).input.source) {
      inputs_[l].push_back(output_of(source));
      if (!options.train) continue;
      char& seen = written[static_cast<size_t>(source) + 1];
      dinputs_[l].push_back(doutput_of(source));
      add_[l].push_back(seen);
      seen = 1;
    }
  }
}

template <class Operand>
void NetworkShard<Operand>::read_inputs(const Chunk& chunk) {
  for (int64_t i = 0; i < static_cast<int64_t>(tokens_.size()); ++i) {
    const int64_t stream = first_stream_ + i % rows_;
    tokens_[static_cast<size_t>(i)] = stream < options_.batch
                                          ? chunk.inputs[i / rows_ * options_.batch + stream]
                                          : Chunk::no_input;
  }
  const int64_t size = spec_.embedding_size;
  if (size == 0) return;
  const float* table = network_.at(network_.embedding());
  for (int64_t i = 0; i < static_cast<int64_t>(tokens_.size()); ++i) {
    const int32_t token = tokens_[static_cast<size_t>(i)];
    for (int64_t e = 0; e < size; ++e) {
      const float x = token == Chunk::no_input ? 0.F : table[token * size + e];
      if constexpr (std::is_same_v<Operand, Bf16>) {
        embedded_[i * size + e] = to_bf16(x);
      } else {
        embedded_[i * size + e] = x;
      }
    }
  }
}

template <class Operand>
void NetworkShard<Operand>::run_head(const Chunk& chunk, float gradient_scale, bool with_gradient) {
  head_.forward(chunk, head_sources_, gradient_scale, with_gradient);
  if (!with_gradient) return;
  if (head_adds_) {
    for (auto& layer : layers_) layer->dout().clear();
    dembedded_.clear();
  }
  head_.backward(dhead_sources_, head_adds_);
}

template <class Operand>
void NetworkShard<Operand>::run(const Chunk& chunk, const Dropout& dropout, float gradient_scale,
                                bool with_gradient) {
  read_inputs(chunk);
  for (size_t l = 0; l < layers_.size(); ++l) layers_[l]->forward(chunk, dropout, inputs_[l]);
  run_head(chunk, gradient_scale, with_gradient);
  for (size_t l = layers_.size(); with_gradient && l-- > 0;)
    layers_[l]->backward(chunk, dropout, dinputs_[l], add_[l]);
}

template <class Operand>
int64_t NetworkShard<Operand>::bytes() const {
  int64_t bytes = head_.bytes() + embedded_.bytes() + dembedded_.bytes();
  for (const auto& layer : layers_) bytes += layer->bytes();
  return bytes;
}

template class NetworkShard<float>;
template class NetworkShard<Bf16>;

}  // namespace inkling::nn
