#include "nn/step_pass.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/step_parts.h"

namespace inkling::nn {

StepPass::StepPass(const StepNetwork& network) : net_(network) {
  for (size_t stack = 0; stack < network.stacks.size(); ++stack) stacks_.emplace_back(net_, stack);
}

void StepPass::grow(int64_t rows) {
  if (rows <= room_) return;
  for (StackPass& stack : stacks_) stack.grow(rows);
  if (net_.spec.mixture) shares_ = Buffer<float>(std::ssize(stacks_) * rows * net_.spec.vocab_size);
  room_ = rows;
}

// f(stack, pool) for all stacks; pool: whose threads share the stack, or nullptr.
template <class F>
void StepPass::over_stacks(ThreadPool* pool, Shared shared, F&& f) {
  size_t begun = 0;
  if (pool != nullptr && shared == Shared::stacks) {
    const size_t parts = std::min(static_cast<size_t>(pool->threads()), stacks_.size());
    const size_t each = stacks_.size() / parts;
    pool->run(static_cast<int64_t>(parts), [&](int64_t part) {
      const size_t first = static_cast<size_t>(part) * each;
      for (size_t stack = first; stack < first + each; ++stack) f(stack, nullptr);
    });
    begun = parts * each;
  }
  for (size_t stack = begun; stack < stacks_.size(); ++stack) f(stack, pool);
}

float* StepPass::logits_of(size_t stack, int64_t rows, float* logits) {
  if (logits == nullptr || !net_.spec.mixture) return logits;
  return shares_.data() + static_cast<int64_t>(stack) * rows * net_.spec.vocab_size;
}

void StepPass::mix(int64_t rows, float* logits, ThreadPool* pool) const {
  const int64_t vocab = net_.spec.vocab_size, size = rows * vocab;
  over_rows(pool, rows, vocab, [&](int64_t first, int64_t last) {
    for (int64_t i = first * vocab; i < last * vocab; ++i) {
      float sum = 0;
      for (int64_t stack = 0; stack < std::ssize(stacks_); ++stack)
        sum += shares_[stack * size + i];
      logits[i] = std::log(std::max(sum, std::numeric_limits<float>::min()));
    }
  });
}

void StepPass::step(int64_t rows, const int32_t* tokens, float* const* states, float* logits,
                    ThreadPool* pool, Shared shared) {
  over_stacks(pool, shared, [&](size_t stack, ThreadPool* of_stack) {
    stacks_[stack].step(rows, tokens, states, logits_of(stack, rows, logits), of_stack);
  });
  if (logits != nullptr && net_.spec.mixture) mix(rows, logits, pool);
}

void StepPass::read(int64_t steps, const int32_t* tokens, float* state, float* logits,
                    ThreadPool* pool, Shared shared) {
  over_stacks(pool, shared, [&](size_t stack, ThreadPool* of_stack) {
    stacks_[stack].read(steps, tokens, state, logits_of(stack, 1, logits), of_stack);
  });
  if (logits != nullptr && net_.spec.mixture) mix(1, logits, pool);
}

}  // namespace inkling::nn
