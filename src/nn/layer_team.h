#pragma once

#include <vector>

#include "base/meeting.h"
#include "base/thread_pool.h"
#include "nn/layer_shard.h"

namespace inkling::nn {

// Runs the time loop of one layer on all threads of a pool: each has some of the units, of all
// shards, and they meet after every step. So a thread reads its part of the recurrent weights
// alone, which stays in its cache, and every tile of them serves all streams. What a unit's sums
// are does not depend on who has it: the bits are those of one thread.
class LayerTeam {
 public:
  // The kernels by which the time loops of such a network run in teams here; nullptr where they
  // cannot: without bfloat16, with sizes or features that LayerKernels do not take.
  static const LayerKernels* kernels_for(const NetworkSpec& spec, const EngineOptions& options);

  // shards: of one layer. Allocates all that the loops need.
  LayerTeam(const NetworkSpec& spec, const EngineOptions& options, const PackedLayer& layer,
            std::vector<LayerShard<Bf16>*> shards, int threads);

  // From LayerShard::begin_forward() to end_forward().
  void forward(const Chunk& chunk, const Dropout& dropout, ThreadPool& pool);
  // From begin_backward() to end_backward(). Adds to the biases' gradients in `gradient`, and to
  // those of the input weights that tokens looked up: their sums over rows just written.
  void backward(const Chunk& chunk, const Dropout& dropout, float* gradient, ThreadPool& pool);

 private:
  struct Member {
    int64_t unit_begin, unit_end;
    std::vector<StepRows> rows;  // for each shard
    std::vector<ForwardStep<Bf16>> forward;
    std::vector<BackwardStep<Bf16>> backward;
  };

  void add_sums(const Member& member, float* gradient) const;

  const KernelTable& table_;
  const LayerKernels& kernels_;
  const CellTraits cell_;
  const PackedLayer& layer_;
  const int64_t steps_;
  std::vector<LayerShard<Bf16>*> shards_;
  std::vector<Member> members_;
};

}  // namespace inkling::nn
