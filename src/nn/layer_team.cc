#include "nn/layer_team.h"

#include "nn/cells/cells.h"
#include "nn/kernels/instruction_set.h"
#include "nn/shards.h"

namespace inkling::nn {

const LayerKernels* LayerTeam::kernels_for(const NetworkSpec& spec, const EngineOptions& options) {
  const LayerKernels& layer_kernels = kernels().layers[cell_index(spec.cell, spec.activation)];
  if (options.precision != Precision::bf16 || layer_kernels.forward == nullptr) return nullptr;
  if (spec.layer_norm || spec.initial_state == InitialState::learned) return nullptr;
  if (Shards(options.batch).rows % LayerKernels::row_multiple != 0) return nullptr;
  for (const LayerSpec& layer : spec.layers) {
    if (layer.hidden_size % LayerKernels::unit_multiple != 0) return nullptr;
    // A look-up beside products is added to their sums, which must happen once.
    const bool looks_up =
        spec.embedding_size == 0 && std::find(layer.inputs.begin(), layer.inputs.end(),
                                              LayerSpec::network_input) != layer.inputs.end();
    if (looks_up && layer.inputs.size() > 1) return nullptr;
  }
  return &layer_kernels;
}

LayerTeam::LayerTeam(const NetworkSpec& spec, const EngineOptions& options,
                     const PackedLayer& layer, std::vector<LayerShard<Bf16>*> shards, int threads)
    : kernels_(*kernels_for(spec, options)),
      layer_(layer),
      steps_(options.steps),
      shards_(std::move(shards)) {
  const int64_t blocks = shards_.front()->hidden() / LayerKernels::unit_multiple,
                count = std::min<int64_t>(threads, blocks);
  for (int64_t i = 0; i < count; ++i) {
    Member& member = members_.emplace_back();
    member.unit_begin = i * blocks / count * LayerKernels::unit_multiple;
    member.unit_end = (i + 1) * blocks / count * LayerKernels::unit_multiple;
    for (const LayerShard<Bf16>* shard : shards_) member.rows.push_back(shard->make_rows());
    member.forward.resize(shards_.size());
    member.backward.resize(shards_.size());
  }
}

void LayerTeam::forward(const Chunk& chunk, const Dropout& dropout, ThreadPool& pool) {
  const auto count = static_cast<int64_t>(members_.size());
  for (LayerShard<Bf16>* shard : shards_) shard->reset_hidden(chunk, 0, 0, shard->hidden());
  Meeting meeting(count);
  pool.run(count, [&](int64_t m) {
    Member& member = members_[static_cast<size_t>(m)];
    for (int64_t step = 0; step < steps_; ++step) {
      for (size_t s = 0; s < shards_.size(); ++s)
        member.forward[s] = shards_[s]->forward_step(chunk, dropout, step, member.rows[s]);
      kernels_.forward(member.forward.data(), static_cast<int64_t>(shards_.size()),
                       layer_.panels.forward(), member.unit_begin, member.unit_end);
      if (step + 1 < steps_) {
        for (LayerShard<Bf16>* shard : shards_)
          shard->reset_hidden(chunk, step + 1, member.unit_begin, member.unit_end);
      }
      meeting.wait();
    }
  });
}

void LayerTeam::backward(const Chunk& chunk, const Dropout& dropout, ThreadPool& pool) {
  const auto count = static_cast<int64_t>(members_.size());
  Meeting meeting(count);
  pool.run(count, [&](int64_t m) {
    Member& member = members_[static_cast<size_t>(m)];
    for (int64_t step = steps_; step-- > 0;) {
      for (size_t s = 0; s < shards_.size(); ++s)
        member.backward[s] = shards_[s]->backward_step(chunk, dropout, step, member.rows[s]);
      kernels_.backward(member.backward.data(), static_cast<int64_t>(shards_.size()),
                        layer_.panels.backward(), member.unit_begin, member.unit_end);
      meeting.wait();
    }
  });
}

}  // namespace inkling::nn
