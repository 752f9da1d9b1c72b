#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/thread_pool.h"
#include "nn/chunk.h"
#include "nn/look_up_rows.h"
#include "nn/loss_sum.h"
#include "nn/network_spec.h"
#include "nn/precision.h"

namespace inkling::nn {

// What a ChunkEngine is built for.
struct EngineOptions {
  int64_t batch = 1;  // B streams
  int64_t steps = 1;  // T; every chunk has exactly so many (pad with no_input and no_target)
  Precision precision = Precision::f32;  // f32 or bf16
  bool train = true;                     // false: forward alone, less memory
  bool last_step_only = false;           // many-to-one
  bool resets = false;                   // chunks may carry resets after their first step
  bool dropout = false;                  // chunks may be run with dropout
  bool probability_sums = false;         // probability_sum() will be asked
};

// The network's fast path: forward and backward over one chunk [T, B], the recurrent state carried
// from chunk to chunk. Defined by PlainNetwork, which it agrees with to rounding.
//
// Streams are cut into shards whose number does not depend on the threads; a thread owns a shard
// for a whole chunk and the threads meet at its end. Weight gradients are split by output, never by
// summed index. So the bits of every result depend on the options, the instruction set and the
// inputs alone. Not thread-safe; run() allocates nothing of its own.
class ChunkEngine {
 public:
  ChunkEngine(const NetworkSpec& spec, const EngineOptions& options, ThreadPool& pool);
  ~ChunkEngine();

  // Prepares weights, flat by ParameterLayout, for the products. They are read again by run(): keep
  // them, unchanged, until the next call.
  void set_weights(const float* weights);

  // The summed loss over the chunk's scored positions. With `gradient` (train only), it is
  // overwritten with d(mean loss)/dw, flat; of a mixture, loss and gradient are then those by which
  // its networks learn (see PlainNetwork). Of a sparse table (see LookUpRows) only the rows that
  // this chunk or the last one run with a gradient reads are written: begin with zeros, and give
  // the same buffer each time.
  LossSum run(const Chunk& chunk, const Dropout& dropout = {}, float* gradient = nullptr);

  // The network's loss at one position of the last run, in nats; 0 where it was not scored.
  float nats(int64_t step, int64_t stream) const;

  // The sum of the probabilities of the whole vocabulary by which a position that was scored in the
  // last run was: 1 but for rounding. Needs options.probability_sums.
  double probability_sum(int64_t step, int64_t stream) const;

  // The recurrent state, [B, state_size]: for each stream its layers in order, each h or h|c. All
  // zeros at first.
  void get_state(std::span<float> state) const;
  void set_state(std::span<const float> state);

  // The rows that the last chunk run with a gradient has read.
  const LookUpRows& look_up_rows() const;

  int64_t bytes() const;  // held by the engine's buffers

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// What the engine will hold, before it is built: packed weights and all that back-propagation
// keeps.
int64_t engine_bytes(const NetworkSpec& spec, const EngineOptions& options);

}  // namespace inkling::nn
