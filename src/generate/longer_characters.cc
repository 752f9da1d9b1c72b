#include "generate/longer_characters.h"

#include "text/normalizer.h"
#include "text/utf8.h"

namespace inkling::generate {

LongerCharacters::LongerCharacters(const text::Tokenizer& tokenizer)
    : decomposes_(tokenizer.options().normalize != text::Normalization::none) {
  const text::Vocabulary& vocabulary = tokenizer.vocabulary();
  if (tokenizer.options().unit == text::Unit::byte) return;
  for (text::Token token = 0; token < vocabulary.characters(); ++token) {
    std::string spelling = spelt(vocabulary.text(token));
    if (text::count_code_points(spelling) < 2) spelling.clear();
    spellings_.push_back(std::move(spelling));
  }
}

std::vector<text::Token> LongerCharacters::of(std::string_view character) const {
  const std::string begin = spelt(character);
  std::vector<text::Token> tokens;
  for (size_t i = 0; i < spellings_.size(); ++i) {
    const std::string& spelling = spellings_[i];
    if (spelling.size() > begin.size() && spelling.starts_with(begin))
      tokens.push_back(static_cast<text::Token>(i));
  }
  return tokens;
}

std::string LongerCharacters::rest(std::string_view character, text::Token token) const {
  return spellings_[static_cast<size_t>(token)].substr(spelt(character).size());
}

std::string LongerCharacters::spelt(std::string_view character) const {
  return decomposes_ ? text::decompose(character) : std::string(character);
}

}  // namespace inkling::generate
