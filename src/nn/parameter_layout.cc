#include "nn/parameter_layout.h"

#include <fmt/format.h>

#include <stdexcept>

namespace inkling::nn {

ParameterLayout::ParameterLayout(const NetworkSpec& spec) {
  using Role = ParameterInfo::Role;
  const int64_t gates = spec.gate_blocks();
  const bool has_cell_state = spec.state_blocks() == 2;
  if (spec.embedding_size > 0) {
    add("embed.weight", Role::embedding, -1, spec.vocab_size, spec.embedding_size, false, false);
  }
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    const int layer = static_cast<int>(l);
    const int64_t hidden = spec.layers[l].hidden_size;
    const int64_t width = gates * hidden;
    const auto name = [&](const char* stem) { return fmt::format("{}_l{}", stem, l); };
    add(name("rnn.weight_ih"), Role::input_weight, layer, spec.layer_input_size(l), width, true,
        false);
    add(name("rnn.weight_hh"), Role::recurrent_weight, layer, hidden, width, true, false);
    add(name("rnn.bias_ih"), Role::bias, layer, 1, width, false, true);
    add(name("rnn.bias_hh"), Role::bias, layer, 1, width, false, true);
    if (spec.layer_norm) {
      add(name("norm.gain_ih"), Role::gain, layer, 1, width, false, true);
      add(name("norm.gain_hh"), Role::gain, layer, 1, width, false, true);
      if (has_cell_state) {
        add(name("norm.gain_c"), Role::gain, layer, 1, hidden, false, true);
        add(name("norm.bias_c"), Role::bias, layer, 1, hidden, false, true);
      }
    }
    if (spec.initial_state == InitialState::learned) {
      add(name("init.h"), Role::initial_state, layer, 1, hidden, false, true);
      if (has_cell_state) add(name("init.c"), Role::initial_state, layer, 1, hidden, false, true);
    }
  }
  add("fc.weight", Role::head_weight, -1, spec.head_input_size(), spec.vocab_size, true, false);
  add("fc.bias", Role::head_bias, -1, 1, spec.vocab_size, false, true);
}

void ParameterLayout::add(std::string name, ParameterInfo::Role role, int layer, int64_t rows,
                          int64_t cols, bool transposed, bool is_vector) {
  constexpr int64_t alignment = 16;
  all_.push_back({std::move(name), role, layer, rows, cols, transposed, is_vector, size_});
  size_ += (rows * cols + alignment - 1) / alignment * alignment;
}

const ParameterInfo* ParameterLayout::find(const std::string& name) const {
  for (const ParameterInfo& info : all_) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

const ParameterInfo& ParameterLayout::at(const std::string& name) const {
  const ParameterInfo* info = find(name);
  if (info == nullptr) throw std::out_of_range("no parameter " + name);
  return *info;
}

int64_t ParameterLayout::count() const {
  int64_t count = 0;
  for (const ParameterInfo& info : all_) count += info.size();
  return count;
}

}  // namespace inkling::nn
