#pragma once

#include <cstdint>

#include "base/thread_pool.h"
#include "nn/buffer.h"
#include "nn/step_network.h"
#include "nn/step_scratch.h"
#include "nn/step_sharing.h"

namespace inkling::nn {

// The way of some rows through one of a network's stacks, from their tokens to its logits: streams,
// one step of each, or the steps of one stream. Not thread-safe; several may go side by side
// through the same network, which must outlive them.
class StackPass {
 public:
  // stack: one of the networks side by side; 0 where there is but one.
  StackPass(const StepNetwork& network, size_t stack);

  // Room for so many rows; at least those of every call below.
  void grow(int64_t rows);

  // tokens [rows] or Chunk::no_input; states [rows], the stack's part of them changed in place;
  // logits [rows, V] or nullptr: in a mixture not logits, but what the stack adds to the
  // probabilities. pool: its threads share each product's panels, and then the rows, where that is
  // worth it; nullptr: this thread alone.
  void step(int64_t rows, const int32_t* tokens, float* const* states, float* logits,
            ThreadPool* pool);
  // Steps of one stream, one after the other; logits [V] of the last, or nullptr. pool: shares what
  // saves time.
  void read(int64_t steps, const int32_t* tokens, float* state, float* logits, ThreadPool* pool);

 private:
  // Those of all rows that one thread takes, and the first scratch row for them.
  struct Part {
    int64_t rows, first, count, room;
  };

  float* output_of(int source, int64_t rows);
  template <class F>
  void over_panels(int64_t panels, int64_t multiplications, F&& f);

  // A layer's sums from its input are rows of ax, those from its state scratch rows of ah;
  // advance() makes of them the next states.
  void embed(int64_t rows, const int32_t* tokens);
  void multiply_input(size_t l, int64_t rows, int64_t begin, int64_t end);
  void look_up(size_t l, int64_t rows, const int32_t* tokens);
  void advance(size_t l, const Part& part, float* const* states, int64_t offset);
  // Operand: Bf16 for the cells that go with narrow weights.
  template <class Operand>
  void advance_as(size_t l, const Part& part, float* const* states, int64_t offset);
  // Writes rows of y, from the first scratch row on.
  void layer_norm(const Part& part, int64_t width, const float* const* x, const float* gain,
                  const float* bias, Buffer<float>& y);
  // The logits of the rows from `first` on, of so many.
  void predict(int64_t rows, int64_t first, float* logits);
  void run_layer(size_t l, int64_t rows, const int32_t* tokens, float* const* states,
                 int64_t offset);
  void read_layer(size_t l, int64_t steps, const int32_t* tokens, float* state, int64_t offset,
                  ThreadPool* pool);

  const StepNetwork& net_;
  const StepNetwork::Stack stack_;
  ThreadPool* pool_ = nullptr;  // of this step
  StepSharing reading_{2};      // of a layer that is read
  StepScratch scratch_;
};

}  // namespace inkling::nn
