#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "text/tokenizer.h"

namespace inkling {
class ThreadPool;
}

namespace inkling::generate {

// What writing and completing need of a model: the next character's logits, for many texts at once.
// Each text's state is a slot, named by its index. model::Stepper states the contract of every
// call. Slots are had from a SlotPool, but for slot 0, which is the caller's. Not thread-safe.
class NextCharacter {
 public:
  virtual ~NextCharacter() = default;

  virtual const text::Tokenizer& tokenizer() const = 0;
  const text::Vocabulary& vocabulary() const { return tokenizer().vocabulary(); }

  // How surprised the model is by text that it was not trained on, in bits per character; NaN = not
  // known.
  virtual double validation_bits() const { return std::numeric_limits<double>::quiet_NaN(); }

  virtual int64_t slots() const = 0;
  virtual void resize(int64_t slots) = 0;
  virtual void reset(int64_t slot) = 0;
  virtual void copy(int64_t from, int64_t to) = 0;
  virtual void step(std::span<const int64_t> slots, std::span<const text::Token> tokens,
                    std::span<float> logits) = 0;  // logits [n, V]
  virtual void read(int64_t slot, std::span<const text::Token> tokens,
                    std::span<float> logits) = 0;  // logits [V]

  // The threads on which step() takes so many texts at once, idle between the calls; null = the
  // calling thread alone.
  virtual ThreadPool* threads_for(size_t /*texts*/) { return nullptr; }

 private:
  friend class SlotPool;
  std::vector<int64_t> free_slots_;  // handed out before, and released
  int64_t new_slot_ = 1;             // from here on never handed out
};

// A text that a model has read: where its state is, and the logits [V] of what comes next.
struct ReadPoint {
  int64_t slot = 0;
  std::span<const float> logits;
};

}  // namespace inkling::generate
