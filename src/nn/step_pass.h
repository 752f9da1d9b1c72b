#pragma once

#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "nn/buffer.h"
#include "nn/stack_pass.h"
#include "nn/step_network.h"

namespace inkling::nn {

// What the threads of a pool share in a pass: the panels of each product, or the stacks, of which
// each thread takes as many; they share the panels of those that are left over.
enum class Shared { panels, stacks };

// The way of some rows through a network, from their tokens to their logits: streams, one step of
// each, or the steps of one stream. Not thread-safe; several may go side by side through the same
// network, which must outlive them.
class StepPass {
 public:
  explicit StepPass(const StepNetwork& network);

  // Room for so many rows; at least those of every call below.
  void grow(int64_t rows);

  // tokens [rows] or Chunk::no_input, states [rows], changed in place; logits [rows, V] or nullptr;
  // a mixture's are logarithms of probabilities. pool: nullptr: this thread alone.
  void step(int64_t rows, const int32_t* tokens, float* const* states, float* logits,
            ThreadPool* pool, Shared shared);
  // Steps of one stream, one after the other; logits [V] of the last, or nullptr.
  void read(int64_t steps, const int32_t* tokens, float* state, float* logits, ThreadPool* pool,
            Shared shared);

 private:
  template <class F>
  void over_stacks(ThreadPool* pool, Shared shared, F&& f);
  // Where a stack is to write for so many rows.
  float* logits_of(size_t stack, int64_t rows, float* logits);
  void mix(int64_t rows, float* logits, ThreadPool* pool) const;

  const StepNetwork& net_;
  std::vector<StackPass> stacks_;
  int64_t room_ = 0;      // rows
  Buffer<float> shares_;  // [stacks, rows, V] of a mixture's probabilities
};

}  // namespace inkling::nn
