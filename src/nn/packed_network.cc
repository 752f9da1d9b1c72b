#include "nn/packed_network.h"

#include <fmt/format.h>

namespace inkling::nn {

PackedNetwork::PackedNetwork(const NetworkSpec& spec, int64_t chunk_rows, int64_t step_rows,
                             int64_t head_rows, Precision precision, bool train,
                             const LayerKernels* team)
    : layout_(spec),
      head_weight_(layout_.find("fc.weight")),
      head_bias_(layout_.find("fc.bias")),
      embedding_(layout_.find("embed.weight")) {
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    const auto find = [&](const char* stem) {
      return layout_.find(fmt::format("{}_l{}", stem, l));
    };
    PackedLayer& layer = layers_.emplace_back();
    layer.weight_ih = find("rnn.weight_ih"), layer.weight_hh = find("rnn.weight_hh");
    layer.bias_ih = find("rnn.bias_ih"), layer.bias_hh = find("rnn.bias_hh");
    layer.gain_ih = find("norm.gain_ih"), layer.gain_hh = find("norm.gain_hh");
    layer.gain_c = find("norm.gain_c"), layer.bias_c = find("norm.bias_c");
    layer.init_h = find("init.h"), layer.init_c = find("init.c");
    layer.bias_sum = Buffer<float>(layer.bias_ih->cols);
    int64_t row = 0;
    for (const int source : spec.layers[l].inputs) {
      const int64_t size = spec.source_size(source);
      if (source == LayerSpec::network_input && embedding_ == nullptr) {
        layer.look_up_row = row;
      } else {
        add(layer.input, source, row, size, *layer.weight_ih, chunk_rows, precision, train);
      }
      row += size;
    }
    const int64_t hidden = spec.layers[l].hidden_size;
    if (team != nullptr) {
      layer.panels = GatePanels(*team, hidden, layer.weight_hh->cols, train);
    } else {
      add(layer.recurrent, static_cast<int>(l), 0, hidden, *layer.weight_hh, step_rows, precision,
          train);
    }
  }
  int64_t row = 0;
  for (const int source : spec.head_inputs) {
    add(head_, source, row, spec.source_size(source), *head_weight_, head_rows, precision, train);
    row += spec.source_size(source);
  }
  for (PackedLayer& layer : layers_) {
    constexpr int64_t units = LayerKernels::unit_multiple;
    for (int64_t unit = 0; team != nullptr && unit < layer.weight_hh->rows; unit += units)
      panel_tasks_.push_back({&layer, unit, unit + units});
    list_tasks(layer.recurrent, *layer.weight_hh);
    list_tasks(layer.input, *layer.weight_ih);
  }
  list_tasks(head_, *head_weight_);
}

void PackedNetwork::add(PackedWeights& weights, int source, int64_t first_row, int64_t rows,
                        const ParameterInfo& info, int64_t product_rows, Precision precision,
                        bool backward) {
  weights.source.push_back(source);
  weights.first_row.push_back(first_row);
  weights.forward.emplace_back(product_rows, rows, info.cols, precision);
  if (backward) weights.backward.emplace_back(product_rows, info.cols, rows, precision);
}

void PackedNetwork::list_tasks(PackedWeights& weights, const ParameterInfo& info) {
  for (size_t i = 0; i < weights.source.size(); ++i) {
    const int64_t offset = info.offset + weights.first_row[i] * info.cols;
    tasks_.push_back({&weights.forward[i], offset, false});
    if (!weights.backward.empty()) tasks_.push_back({&weights.backward[i], offset, true});
  }
}

void PackedNetwork::set_weights(const float* weights, ThreadPool& pool) {
  weights_ = weights;
  for (PackedLayer& layer : layers_) {
    for (int64_t j = 0; j < layer.bias_sum.size(); ++j)
      layer.bias_sum[j] = at(layer.bias_ih)[j] + at(layer.bias_hh)[j];
  }
  const auto matrices = static_cast<int64_t>(tasks_.size()),
             panels = static_cast<int64_t>(panel_tasks_.size());
  pool.run(matrices + panels, [&](int64_t i) {
    if (i >= matrices) {
      const PanelTask& task = panel_tasks_[static_cast<size_t>(i - matrices)];
      return task.layer->panels.pack(at(task.layer->weight_hh), task.unit_begin, task.unit_end);
    }
    const PackTask& task = tasks_[static_cast<size_t>(i)];
    task.matrix->pack(weights + task.offset, task.transposed);
  });
}

int64_t PackedNetwork::bytes() const {
  int64_t bytes = 0;
  for (const PackTask& task : tasks_) bytes += task.matrix->bytes();
  for (const PackedLayer& layer : layers_) bytes += layer.panels.bytes();
  return bytes;
}

}  // namespace inkling::nn
