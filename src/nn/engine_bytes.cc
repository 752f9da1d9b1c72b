#include "nn/chunk_engine.h"
#include "nn/layer_shard.h"
#include "nn/shards.h"

namespace inkling::nn {

// Mirrors the buffers of PackedNetwork, LayerShard, HeadShard and NetworkShard; a test compares it
// with a built engine.
int64_t engine_bytes(const NetworkSpec& spec, const EngineOptions& options) {
  const CellTraits cell(spec);
  const Shards shards(options.batch);
  const int64_t operand = options.precision == Precision::bf16 ? 2 : 4;
  const int64_t copies = options.train ? 2 : 1;
  const int64_t rows = shards.rows, all = options.steps * rows;
  const bool one_hot = spec.embedding_size == 0;
  int64_t packed = 0, floats = 0, operands = 0;
  const auto pack = [&](int64_t k, int64_t n) { packed += copies * operand * k * n; };
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    const int64_t hidden = spec.layers[l].hidden_size, width = cell.gate_blocks * hidden;
    bool has_product = false;
    for (const int source : spec.layers[l].inputs) {
      if (source == LayerSpec::network_input && one_hot) continue;
      has_product = true;
      pack(spec.source_size(source), width);
    }
    pack(hidden, width);
    floats += width + (has_product ? all * width : 0) + rows * width;             // zeros, ax, ah
    floats += (options.train ? all : rows) * cell.tape_blocks * hidden;           // tape
    floats += (cell.reads_h ? all + rows : rows) * hidden + rows * hidden;        // h, carried h
    if (cell.state_blocks == 2) floats += (all + rows) * hidden + rows * hidden;  // c, carried c
    operands += (all + rows) * hidden +
                (options.resets || options.dropout ? all * hidden : 0);  // prev, out
    if (spec.layer_norm)
      floats += 2 * all * width + 2 * all + all * hidden + all + 2 * rows * width;
    if (!options.train) continue;
    floats += all * hidden + 2 * rows * hidden + (cell.state_blocks == 2 ? rows * hidden : 0);
    operands += all * width * (!cell.gates_add || spec.layer_norm ? 2 : 1);  // dax, dah
    if (spec.layer_norm) floats += 2 * rows * width;
  }
  const int64_t head_rows = options.last_step_only ? rows : all;
  for (const int source : spec.head_inputs) pack(spec.source_size(source), spec.vocab_size);
  floats += head_rows * spec.vocab_size + head_rows;
  operands += (options.train ? head_rows * spec.vocab_size : 0) + all * spec.embedding_size;
  if (options.train) floats += all * spec.embedding_size;
  return packed + shards.count * (floats * 4 + operands * operand);
}

}  // namespace inkling::nn
