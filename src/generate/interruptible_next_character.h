#pragma once

#include <functional>
#include <utility>

#include "generate/next_character.h"

namespace inkling::generate {

// A model that can be stopped at work: before each step, and each text read, it calls
// `before_reading`, and what that throws passes through. A Completer, a ReadText and a Generator
// can be used again after that. The model must outlive it.
class InterruptibleNextCharacter final : public NextCharacter {
 public:
  InterruptibleNextCharacter(NextCharacter& model, std::function<void()> before_reading)
      : model_(model), before_reading_(std::move(before_reading)) {}

  const text::Tokenizer& tokenizer() const override { return model_.tokenizer(); }
  double validation_bits() const override { return model_.validation_bits(); }
  int64_t slots() const override { return model_.slots(); }
  void resize(int64_t slots) override { model_.resize(slots); }
  void reset(int64_t slot) override { model_.reset(slot); }
  void copy(int64_t from, int64_t to) override { model_.copy(from, to); }
  void step(std::span<const int64_t> slots, std::span<const text::Token> tokens,
            std::span<float> logits) override {
    before_reading_();
    model_.step(slots, tokens, logits);
  }
  void read(int64_t slot, std::span<const text::Token> tokens, std::span<float> logits) override {
    before_reading_();
    model_.read(slot, tokens, logits);
  }
  ThreadPool* threads_for(size_t texts) override { return model_.threads_for(texts); }

 private:
  NextCharacter& model_;
  std::function<void()> before_reading_;
};

}  // namespace inkling::generate
