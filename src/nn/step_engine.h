#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "nn/network_spec.h"
#include "nn/precision.h"

namespace inkling::nn {

// The network forward, one step at a time, for any number of independent streams: what writes and
// completes text. Defined by PlainNetwork, which it agrees with to rounding. The result of a stream
// does not depend on what else is in the batch, nor on the threads. Not thread-safe; step()
// allocates nothing once it has seen its largest batch.
class StepEngine {
 public:
  // weights: flat by ParameterLayout; look-up tables and biases are read from there by step(), so
  // keep them. precision: f32, bf16 or int8.
  StepEngine(const NetworkSpec& spec, const float* weights, Precision precision,
             ThreadPool* pool = nullptr);
  ~StepEngine();

  // Reads tokens[i] (or Chunk::no_input) into states[i], [state_size], changed in place. Writes the
  // logits [V] of each to rows of `logits`, vocab_size apart; nullptr: the states alone.
  void step(std::span<const int32_t> tokens, std::span<float* const> states, float* logits);

  // The same as so many steps of one stream, to the bit, but faster: layer by layer, so that a
  // layer's weights stay at hand. logits [V]: of the last; nullptr: the state alone.
  void read(std::span<const int32_t> tokens, float* state, float* logits);

  // The state before the first character, [state_size].
  void initial_state(float* state) const;

  int64_t weight_bytes() const;  // what one step reads

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkling::nn
