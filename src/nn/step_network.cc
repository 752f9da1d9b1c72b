#include "nn/step_network.h"

#include <fmt/format.h>

#include <algorithm>

namespace inkling::nn {

StepNetwork::StepNetwork(const NetworkSpec& description, const float* weights, Precision precision,
                         ThreadPool* pool)
    : spec(description),
      cell(spec),
      narrow(precision != Precision::f32),
      layout_(spec),
      weights_(weights) {
  int64_t widest = spec.embedding_size;
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    layers.push_back(make_panels(spec.layers[l].inputs, *of("rnn.weight_ih", l), precision, pool));
    const ParameterInfo& hh = *of("rnn.weight_hh", l);
    recurrent.emplace_back(weights_ + hh.offset, hh.rows, hh.cols, precision, pool);
    vectors.push_back(
        {at("rnn.weight_ih", l) + std::max<int64_t>(layers[l].look_up_row, 0) * hh.cols,
         at("rnn.bias_ih", l), at("rnn.bias_hh", l), at("norm.gain_ih", l), at("norm.gain_hh", l),
         at("norm.gain_c", l), at("norm.bias_c", l)});
    widest = std::max(widest, hh.cols);
  }
  const auto count = static_cast<size_t>(spec.stacks());
  const size_t depth = spec.layers.size() / count, heads = spec.head_inputs.size() / count;
  const int64_t state = spec.state_size() / spec.stacks();
  for (size_t stack = 0; stack < count; ++stack)
    stacks.push_back(
        {stack * depth, depth, stack * heads, heads, static_cast<int64_t>(stack) * state});
  head = make_panels(spec.head_inputs, layout_.at("fc.weight"), precision, pool);
  head_bias = weights_ + layout_.at("fc.bias").offset;
  if (const ParameterInfo* table = layout_.find("embed.weight"))
    embedding = weights_ + table->offset;
  zeros = Buffer<float>(widest);
}

const ParameterInfo* StepNetwork::of(const char* stem, size_t l) const {
  return layout_.find(fmt::format("{}_l{}", stem, l));
}

const float* StepNetwork::at(const char* stem, size_t l) const {
  const ParameterInfo* info = of(stem, l);
  return info == nullptr ? nullptr : weights_ + info->offset;
}

StepNetwork::Panels StepNetwork::make_panels(const std::vector<int>& inputs,
                                             const ParameterInfo& info, Precision precision,
                                             ThreadPool* pool) const {
  Panels panels;
  int64_t row = 0;
  for (const int source : inputs) {
    const int64_t size = spec.source_size(source);
    if (source == LayerSpec::network_input && spec.embedding_size == 0) {
      panels.look_up_row = row;
    } else {
      panels.source.push_back(source);
      panels.input.emplace_back(weights_ + info.offset + row * info.cols, size, info.cols,
                                precision, pool);
    }
    row += size;
  }
  return panels;
}

void StepNetwork::initial_state(float* state) const {
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    for (int64_t block = 0; block < cell.state_blocks; ++block, state += hidden(l)) {
      const float* from = at(block == 0 ? "init.h" : "init.c", l);
      std::copy_n(from == nullptr ? zeros.data() : from, hidden(l), state);
    }
  }
}

int64_t StepNetwork::bytes() const {
  int64_t bytes = 0;
  const auto add = [&](const std::vector<PanelMatrix>& matrices) {
    for (const PanelMatrix& matrix : matrices) bytes += matrix.bytes();
  };
  for (const Panels& panels : layers) add(panels.input);
  add(recurrent);
  add(head.input);
  return bytes;
}

}  // namespace inkling::nn
