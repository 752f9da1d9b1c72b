#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "generate/word_rules.h"
#include "text/tokenizer.h"

namespace inkling::generate {

// The word step of every token of a vocabulary from every state, looked up in ICU once.
class TokenSteps {
 public:
  explicit TokenSteps(const text::Tokenizer& tokenizer);

  // [V], special tokens: stays. The vocabulary must outlive it.
  std::span<const WordStep> from(WordState state);
  // The step of a token that follows the first bytes of a code point (Unit::byte).
  WordStep after(WordState state, std::string_view begun, text::Token token) const;

 private:
  const text::Vocabulary& vocabulary_;
  bool bytes_;
  std::array<std::vector<WordStep>, word_states> steps_;
};

}  // namespace inkling::generate
