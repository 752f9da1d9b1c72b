#pragma once

#include <numbers>

#include "generate/next_character.h"
#include "model/stepper.h"

namespace inkling::generate {

// A trained model as a NextCharacter. The model must outlive it.
class ModelNextCharacter final : public NextCharacter {
 public:
  explicit ModelNextCharacter(const model::LanguageModel& model,
                              nn::Precision precision = nn::Precision::automatic, int threads = 0)
      : model_(model), stepper_(model, 1, precision, threads) {}

  const text::Tokenizer& tokenizer() const override { return model_.tokenizer; }
  double validation_bits() const override { return model_.history.val_loss / std::numbers::ln2; }
  int64_t slots() const override { return stepper_.slots(); }
  void resize(int64_t slots) override { stepper_.resize(slots); }
  void reset(int64_t slot) override { stepper_.reset(slot); }
  void copy(int64_t from, int64_t to) override { stepper_.copy(from, to); }
  void step(std::span<const int64_t> slots, std::span<const text::Token> tokens,
            std::span<float> logits) override {
    stepper_.step(slots, tokens, logits);
  }
  void read(int64_t slot, std::span<const text::Token> tokens, std::span<float> logits) override {
    stepper_.read(slot, tokens, logits);
  }
  ThreadPool* threads_for(size_t texts) override { return stepper_.threads_for(texts); }
  // As model::Stepper has it.
  void reload() { stepper_.reload(); }

 private:
  const model::LanguageModel& model_;
  model::Stepper stepper_;
};

}  // namespace inkling::generate
