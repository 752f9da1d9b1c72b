#include "nn/buffer.h"
#include "nn/cell_traits.h"
#include "nn/chunk_engine.h"
#include "nn/head_shard.h"
#include "nn/kernels/matrix_product.h"
#include "nn/layer_storage.h"
#include "nn/layer_team.h"
#include "nn/shards.h"

namespace inkling::nn {
namespace {

// Adds up buffers.
struct Bytes {
  Precision precision;
  int64_t sum = 0;

  void floats(int64_t size) { sum += Buffer<float>::bytes_for(size); }
  void operands(int64_t size) {
    sum += precision == Precision::bf16 ? Buffer<Bf16>::bytes_for(size)
                                        : Buffer<float>::bytes_for(size);
  }
};

}  // namespace

// Mirrors the buffers of PackedNetwork, LayerShard, HeadShard and NetworkShard; a test compares it
// with a built engine.
int64_t engine_bytes(const NetworkSpec& spec, const EngineOptions& options) {
  const CellTraits cell(spec);
  const Shards shards(options.batch);
  const int64_t rows = shards.rows, all = options.steps * rows;
  const bool in_team = LayerTeam::kernels_for(spec, options) != nullptr;
  Bytes packed{options.precision}, shard{options.precision};
  const auto pack = [&](int64_t k, int64_t n) {
    packed.sum += PackedMatrix::bytes_for(k, n, options.precision);
    if (options.train) packed.sum += PackedMatrix::bytes_for(n, k, options.precision);
  };
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    const int64_t hidden = spec.layers[l].hidden_size, width = cell.gate_blocks * hidden;
    const LayerStorage storage(spec, options, l, in_team);
    using Place = LayerStorage::Place;
    for (const int source : spec.layers[l].inputs) {
      if (source != LayerSpec::network_input || spec.embedding_size > 0)
        pack(spec.source_size(source), width);
    }
    if (in_team) {
      packed.operands(hidden * width), packed.operands(hidden * width);
    } else {
      pack(hidden, width);
    }
    shard.floats(in_team ? std::max(width, rows * hidden) : width);  // zeros
    if (storage.has_ax) shard.floats(all * width);                   // ax
    if (!in_team) shard.floats(rows * width);                        // ah
    if (storage.tape == Place::its_own)
      shard.floats((options.train ? all : rows) * cell.tape_blocks * hidden / (in_team ? 2 : 1));
    if (!storage.h_in_prev) shard.floats((cell.reads_h ? all + rows : rows) * hidden);
    shard.floats(rows * hidden);  // carried h
    if (cell.state_blocks == 2) {
      shard.floats(((options.train ? all : 0) + rows) * hidden);  // c
      shard.floats(rows * hidden);                                // carried c
    }
    shard.operands((all + rows) * hidden);                                // prev
    if (options.resets || options.dropout) shard.operands(all * hidden);  // out
    if (spec.layer_norm) {
      for (int side = 0; side < 2; ++side)  // x and h: hat, 1 / deviation, normalised
        shard.floats(all * width), shard.floats(all), shard.floats(rows * width);
      shard.floats(all * hidden), shard.floats(all);  // of c
    }
    if (!options.train) continue;
    shard.floats(all * hidden);                               // dout
    if (!in_team) shard.floats(rows * hidden);                // dh by the product
    shard.floats(rows * hidden);                              // and past it
    if (cell.state_blocks == 2) shard.floats(rows * hidden);  // dc
    if (storage.dax == Place::its_own) shard.operands(all * width);
    if (storage.dah == Place::its_own) shard.operands(all * width);
    if (spec.layer_norm) shard.floats(rows * width), shard.floats(rows * width);
  }
  const int64_t head_rows = options.last_step_only ? rows : all;
  for (const int source : spec.head_inputs) pack(spec.source_size(source), spec.vocab_size);
  const bool in_gradient = options.train && options.precision != Precision::bf16;
  if (!in_gradient)
    shard.floats(head_block_rows(head_rows, spec.vocab_size) * spec.vocab_size);  // logits
  const int64_t predictions = spec.stacks();
  if (options.train) shard.operands(predictions * head_rows * spec.vocab_size);  // dlogits
  shard.floats(predictions * head_rows);                                         // nats
  if (options.probability_sums) shard.sum += Buffer<double>::bytes_for(predictions * head_rows);
  shard.operands(all * spec.embedding_size);
  if (options.train) shard.floats(all * spec.embedding_size);
  return packed.sum + shards.count * shard.sum;
}

}  // namespace inkling::nn
