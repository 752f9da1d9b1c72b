#include "generate/prompt.h"

#include <string>

namespace inkling::generate {
namespace {

// As what goes on within a line does, or has its line feed already.
bool begins_with_blank(std::string_view text) {
  return text.starts_with(' ') || text.starts_with('\n') || text.starts_with('\r');
}

}  // namespace

std::vector<text::Token> prompt_tokens(const text::Tokenizer& tokenizer, std::string_view prompt,
                                       std::string_view more) {
  std::vector<text::Token> tokens =
      tokenizer.encode(std::string(prompt) + std::string(more)).tokens;
  const text::Vocabulary& vocabulary = tokenizer.vocabulary();
  const text::Token start = tokenizer.start_token();
  const bool begins_line = vocabulary.ends_line(start) && !begins_with_blank(prompt);
  if (vocabulary.has_end() || begins_line || prompt.empty() || tokens.empty())
    tokens.insert(tokens.begin(), start);
  return tokens;
}

}  // namespace inkling::generate
