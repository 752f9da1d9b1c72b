#include "generate/token_steps.h"

#include <string>

#include "text/utf8.h"

namespace inkling::generate {

TokenSteps::TokenSteps(const text::Tokenizer& tokenizer)
    : vocabulary_(tokenizer.vocabulary()), bytes_(tokenizer.options().unit == text::Unit::byte) {}

std::span<const WordStep> TokenSteps::from(WordState state) {
  std::vector<WordStep>& steps = steps_[static_cast<size_t>(state)];
  if (steps.empty()) {
    steps.resize(static_cast<size_t>(vocabulary_.size()));
    for (text::Token token = 0; token < vocabulary_.characters(); ++token) {
      steps[static_cast<size_t>(token)] =
          bytes_ ? after(state, "", token) : word_step(state, vocabulary_.text(token));
    }
  }
  return steps;
}

WordStep TokenSteps::after(WordState state, std::string_view begun, text::Token token) const {
  const std::string bytes = std::string(begun).append(vocabulary_.text(token));
  if (text::without_begun_code_point(bytes) == 0) return {WordStep::Kind::partial, state};
  if (text::find_ill_formed(bytes)) return {WordStep::Kind::ill_formed, WordState::outside};
  return word_step(state, bytes);
}

}  // namespace inkling::generate
