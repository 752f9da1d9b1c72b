#include "generate/prompt.h"

namespace inkling::generate {
namespace {

// As what goes on within a line does, or has its line feed already.
bool begins_with_blank(std::string_view text) {
  return text.starts_with(' ') || text.starts_with('\n') || text.starts_with('\r');
}

}  // namespace

std::vector<text::Token> prompt_tokens(const text::Tokenizer& tokenizer, std::string_view prompt) {
  std::vector<text::Token> tokens = tokenizer.encode(prompt).tokens;
  const text::Token start = tokenizer.start_token();
  if (tokens.empty()) return {start};
  const text::Vocabulary& vocabulary = tokenizer.vocabulary();
  const bool begins_line = vocabulary.ends_line(start) && !begins_with_blank(prompt);
  if (vocabulary.has_end() || begins_line) tokens.insert(tokens.begin(), start);
  return tokens;
}

}  // namespace inkling::generate
