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
    : table_(kernels()),
      kernels_(*kernels_for(spec, options)),
      cell_(spec),
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

// Over the rows of the step that the member has just taken, its columns of every gate.
void LayerTeam::add_sums(const Member& member, float* gradient) const {
  const int64_t hidden = shards_.front()->hidden(), width = cell_.gate_blocks * hidden,
                units = member.unit_end - member.unit_begin;
  float* bias = gradient + layer_.bias_ih->offset;
  float* bias_hh = gradient + layer_.bias_hh->offset;
  float* looked_up =
      gradient + layer_.weight_ih->offset + std::max<int64_t>(layer_.look_up_row, 0) * width;
  for (size_t s = 0; s < shards_.size(); ++s) {
    const BackwardStep<Bf16>& step = member.backward[s];
    for (int64_t gate = 0; gate < cell_.gate_blocks; ++gate) {
      const int64_t column = gate * hidden + member.unit_begin;
      table_.add_rows_bf16(step.dax + column, step.rows, width, units, bias + column);
      if (step.dah != nullptr)
        table_.add_rows_bf16(step.dah + column, step.rows, width, units, bias_hh + column);
      if (layer_.look_up_row >= 0) {
        table_.scatter_rows_bf16(step.dax + column, member.rows[s].tokens.data(), step.rows, width,
                                 units, looked_up + column, width);
      }
    }
  }
}

void LayerTeam::backward(const Chunk& chunk, const Dropout& dropout, float* gradient,
                         ThreadPool& pool) {
  const auto count = static_cast<int64_t>(members_.size());
  Meeting meeting(count);
  pool.run(count, [&](int64_t m) {
    Member& member = members_[static_cast<size_t>(m)];
    for (int64_t step = steps_; step-- > 0;) {
      for (size_t s = 0; s < shards_.size(); ++s)
        member.backward[s] = shards_[s]->backward_step(chunk, dropout, step, member.rows[s]);
      kernels_.backward(member.backward.data(), static_cast<int64_t>(shards_.size()),
                        layer_.panels.backward(), member.unit_begin, member.unit_end);
      add_sums(member, gradient);
      meeting.wait();
    }
  });
  // Where the gates add up, both biases have one gradient.
  if (cell_.gates_add) {
    std::copy_n(gradient + layer_.bias_ih->offset, layer_.bias_ih->size(),
                gradient + layer_.bias_hh->offset);
  }
}

}  // namespace inkling::nn
