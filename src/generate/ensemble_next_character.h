#pragma once

#include <memory>
#include <vector>

#include "generate/next_character.h"

namespace inkling::generate {

// Several models as one, by the mean of their probabilities. Their tokens are the same
// (model::require_same_characters()). One alone is itself, to the bit.
class EnsembleNextCharacter final : public NextCharacter {
 public:
  // One at least.
  explicit EnsembleNextCharacter(std::vector<std::unique_ptr<NextCharacter>> members);

  const text::Tokenizer& tokenizer() const override { return members_.front()->tokenizer(); }
  // The least surprised member's: an upper bound, more or less.
  double validation_bits() const override;
  int64_t slots() const override { return members_.front()->slots(); }
  void resize(int64_t slots) override;
  void reset(int64_t slot) override;
  void copy(int64_t from, int64_t to) override;
  void step(std::span<const int64_t> slots, std::span<const text::Token> tokens,
            std::span<float> logits) override;
  void read(int64_t slot, std::span<const text::Token> tokens, std::span<float> logits) override;
  // The first member's: every member steps on its own.
  ThreadPool* threads_for(size_t texts) override;

 private:
  void average(std::span<float> logits);

  std::vector<std::unique_ptr<NextCharacter>> members_;
  std::vector<std::vector<float>> outputs_;  // of each member, [n, V]
};

}  // namespace inkling::generate
