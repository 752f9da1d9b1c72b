#include "nn/network_spec.h"

#include <fmt/format.h>

#include "base/error.h"
#include "nn/cells/cells.h"

namespace inkling::nn {

NetworkSpec NetworkSpec::chain(int64_t vocab_size, int64_t embedding_size, CellKind cell,
                               int num_layers, int64_t hidden_size) {
  NetworkSpec spec;
  spec.vocab_size = vocab_size;
  spec.embedding_size = embedding_size;
  spec.cell = cell;
  for (int l = 0; l < num_layers; ++l) {
    spec.layers.push_back({hidden_size, {l == 0 ? LayerSpec::network_input : l - 1}});
  }
  spec.head_inputs = {num_layers - 1};
  return spec;
}

NetworkSpec NetworkSpec::side_by_side(int count) const {
  NetworkSpec spec = *this;
  spec.mixture = count > 1;
  for (int copy = 1; copy < count; ++copy) {
    const int first = static_cast<int>(spec.layers.size());
    const auto moved = [&](int input) {
      return input == LayerSpec::network_input ? input : first + input;
    };
    for (LayerSpec layer : layers) {
      for (int& input : layer.inputs) input = moved(input);
      spec.layers.push_back(std::move(layer));
    }
    for (const int input : head_inputs) spec.head_inputs.push_back(moved(input));
  }
  return spec;
}

int64_t NetworkSpec::gate_blocks() const {
  return with_cell(cell, activation, [](auto c) -> int64_t { return decltype(c)::gate_blocks; });
}

int64_t NetworkSpec::state_blocks() const {
  return with_cell(cell, activation, [](auto c) -> int64_t { return decltype(c)::state_blocks; });
}

int64_t NetworkSpec::source_size(int input) const {
  if (input != LayerSpec::network_input) return layers.at(static_cast<size_t>(input)).hidden_size;
  return embedding_size > 0 ? embedding_size : vocab_size;
}

int64_t NetworkSpec::layer_input_size(size_t layer) const {
  int64_t size = 0;
  for (const int input : layers.at(layer).inputs) size += source_size(input);
  return size;
}

int64_t NetworkSpec::head_input_size() const {
  int64_t size = 0;
  for (const int input : head_inputs) size += source_size(input);
  return size;
}

int64_t NetworkSpec::state_size() const {
  int64_t size = 0;
  for (const LayerSpec& layer : layers) size += state_blocks() * layer.hidden_size;
  return size;
}

bool NetworkSpec::is_chain() const {
  if (mixture) return false;
  for (size_t l = 0; l < layers.size(); ++l) {
    if (layers[l].hidden_size != layers[0].hidden_size) return false;
    if (layers[l].inputs !=
        std::vector<int>{l == 0 ? LayerSpec::network_input : static_cast<int>(l) - 1}) {
      return false;
    }
  }
  return head_inputs == std::vector<int>{static_cast<int>(layers.size()) - 1};
}

bool NetworkSpec::is_side_by_side() const {
  const auto count = std::ssize(head_inputs), all = std::ssize(layers);
  if (count < 2 || all % count != 0) return false;
  NetworkSpec first = *this;
  first.layers.resize(static_cast<size_t>(all / count));
  first.head_inputs.resize(1);
  return first.side_by_side(static_cast<int>(count)) == *this;
}

std::string NetworkSpec::size_text() const {
  const int64_t count = stacks(), each = std::ssize(layers) / count;
  return fmt::format("{}{} {} of {}", count > 1 ? fmt::format("{} stacks of ", count) : "", each,
                     each == 1 ? "layer" : "layers",
                     layers.empty() ? 0 : layers.back().hidden_size);
}

void NetworkSpec::validate() const {
  if (vocab_size < 1) usage_error("a network needs at least one token, not {}", vocab_size);
  if (embedding_size < 0)
    usage_error("the embedding size must not be negative, but is {}", embedding_size);
  if (layers.empty()) usage_error("a network needs at least one recurrent layer");
  for (size_t l = 0; l < layers.size(); ++l) {
    if (layers[l].hidden_size < 1) usage_error("layer {} needs at least one unit", l);
    if (layers[l].inputs.empty()) usage_error("layer {} has no input", l);
    for (const int input : layers[l].inputs) {
      if (input < LayerSpec::network_input || input >= static_cast<int>(l)) {
        usage_error("layer {} cannot be fed by layer {}", l, input);
      }
    }
  }
  if (head_inputs.empty()) usage_error("nothing feeds the softmax head");
  for (const int input : head_inputs) {
    if (input < 0 || input >= static_cast<int>(layers.size()))
      usage_error("the head cannot be fed by layer {}", input);
  }
  if (mixture && !is_side_by_side()) usage_error("a mixture needs networks that are alike");
}

}  // namespace inkling::nn
