#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inkling::nn {

enum class CellKind { rnn, lstm, gru };
constexpr std::array<std::string_view, 3> cell_names{"rnn", "lstm", "gru"};
constexpr std::span<const std::string_view> names_of(CellKind) { return cell_names; }

enum class Activation { tanh, relu };  // of the rnn cell
constexpr std::array<std::string_view, 2> activation_names{"tanh", "relu"};
constexpr std::span<const std::string_view> names_of(Activation) { return activation_names; }

enum class InitialState { zero, learned };
constexpr std::array<std::string_view, 2> initial_state_names{"zero", "learned"};
constexpr std::span<const std::string_view> names_of(InitialState) { return initial_state_names; }

// One recurrent layer and what feeds it.
struct LayerSpec {
  static constexpr int network_input = -1;
  int64_t hidden_size = 0;
  std::vector<int>
      inputs;  // network_input or the index of an earlier layer; their outputs are concatenated

  bool operator==(const LayerSpec&) const = default;
};

// A recurrent network as an explicit description: which layer feeds which, and which layers feed
// the softmax head. It knows no text: tokens are numbers below vocab_size.
struct NetworkSpec {
  int64_t vocab_size = 0;      // V, in and out
  int64_t embedding_size = 0;  // E; 0 = one-hot input: the first product is a look-up
  CellKind cell = CellKind::lstm;
  Activation activation = Activation::tanh;
  bool layer_norm = false;
  InitialState initial_state = InitialState::zero;
  std::vector<LayerSpec> layers;
  std::vector<int> head_inputs;  // layers whose outputs, concatenated, feed the head
  // Of networks side by side: each head input makes logits by its rows of the head's weights alone,
  // and the network's probabilities are the mean of the softmaxes.
  bool mixture = false;

  // Layers 0..n-1, each fed by the one before, the last one feeding the head.
  static NetworkSpec chain(int64_t vocab_size, int64_t embedding_size, CellKind cell,
                           int num_layers, int64_t hidden_size);
  // So many copies of this chain side by side, each fed by the network's input: a mixture.
  NetworkSpec side_by_side(int count) const;

  int64_t gate_blocks() const;  // G: rows of a gate matrix in units of H
  int64_t state_blocks()
      const;  // 1, or 2 where the cell keeps a cell state beside the hidden state
  int64_t source_size(
      int input) const;  // width of what `input` (a layer or network_input) delivers
  int64_t layer_input_size(size_t layer) const;  // summed over its inputs
  int64_t head_input_size() const;
  int64_t state_size()
      const;  // floats of recurrent state per stream: sum over layers of state_blocks * H
  bool is_chain() const;         // what PyTorch's own modules can express
  bool is_side_by_side() const;  // what side_by_side() gives
  int64_t stacks() const {       // networks side by side
    return mixture ? std::ssize(head_inputs) : 1;
  }
  std::string size_text() const;  // "2 layers of 384", "3 stacks of 2 layers of 384"

  // Throws UsageError when a size or an input is impossible.
  void validate() const;

  bool operator==(const NetworkSpec&) const = default;
};

}  // namespace inkling::nn
