#include "train/described_network.h"

namespace inkling::train {
namespace {

constexpr int64_t one_hot_up_to = 1000;  // characters
constexpr int64_t chosen_embedding_size = 128;

}  // namespace

int64_t embedding_size(const TrainOptions& options, int64_t characters) {
  if (options.embedding_size >= 0) return options.embedding_size;
  return characters > one_hot_up_to ? chosen_embedding_size : 0;
}

nn::NetworkSpec described_network(const TrainOptions& options, int64_t vocabulary,
                                  int64_t embedding_size) {
  nn::NetworkSpec spec =
      nn::NetworkSpec::chain(vocabulary, embedding_size, options.cell,
                             static_cast<int>(options.num_layers), options.hidden_size)
          .side_by_side(static_cast<int>(options.stacks));
  spec.activation = options.activation;
  spec.layer_norm = options.layer_norm;
  spec.initial_state = options.initial_state;
  return spec;
}

}  // namespace inkling::train
