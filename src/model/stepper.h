#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/language_model.h"
#include "nn/precision.h"

namespace inkling {
class ThreadPool;
}

namespace inkling::model {

// Runs a model forward one character at a time, for many independent texts at once. Each text's
// recurrent state is a slot in a pool, named by its index: a prompt, a search or a batch of samples
// holds thousands without allocating. A many-to-one model is stepped the same way: a slot then
// remembers its last `context` characters.
//
// Not thread-safe; the model must outlive it. Same model, same precision, same inputs: the same
// bits, whatever else is in the batch.
class Stepper {
 public:
  // threads: 0 = all of the machine's.
  explicit Stepper(const LanguageModel& model, int64_t slots = 1,
                   nn::Precision precision = nn::Precision::automatic, int threads = 0);
  ~Stepper();

  int64_t slots() const;
  void resize(int64_t slots);  // keeps the states of slots below both sizes

  void reset(int64_t slot);  // to the initial state: nothing read yet
  void copy(int64_t from, int64_t to);

  // Reads tokens[i] in slot[i] (each slot at most once in a call) and writes to row i of `logits`,
  // [n, V], the logits of the next character: unnormalised log-probabilities over the whole
  // vocabulary, special tokens included. <unk> as input is a zero vector.
  void step(std::span<const int64_t> slots, std::span<const text::Token> tokens,
            std::span<float> logits);

  // Reads tokens one after another in one slot; `logits` [V] are those after the last. An empty
  // text: logits untouched.
  void read(int64_t slot, std::span<const text::Token> tokens, std::span<float> logits);

  // The threads on which step() takes so many texts at once, idle between the calls; null = the
  // calling thread alone. A small model has none until it is asked for many texts.
  ThreadPool* threads_for(size_t texts);

  // The model's weights have changed: those of now hold from here on. States stay as they are.
  void reload();

  // What the head sees: the hidden state of the last layer, or of each stack's last layer, one
  // after the other; [head_input_size].
  void hidden_state(int64_t slot, std::span<float> h) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkling::model
