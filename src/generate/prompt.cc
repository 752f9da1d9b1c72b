#include "generate/prompt.h"

namespace inkling::generate {

std::vector<text::Token> prompt_tokens(const text::Tokenizer& tokenizer, std::string_view prompt) {
  std::vector<text::Token> tokens = tokenizer.encode(prompt).tokens;
  if (tokens.empty()) return {tokenizer.start_token()};
  const text::Vocabulary& vocabulary = tokenizer.vocabulary();
  if (vocabulary.has_end()) tokens.insert(tokens.begin(), vocabulary.end());
  return tokens;
}

}  // namespace inkling::generate
