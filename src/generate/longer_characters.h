#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace inkling::generate {

// What a character may turn into when more of it is typed: "e" into "é", "क" into "कि", "하" into
// "한". One character's code points begin with another's, canonically decomposed where the model
// normalises its text. Single bytes turn into nothing.
class LongerCharacters {
 public:
  explicit LongerCharacters(const text::Tokenizer& tokenizer);

  // The tokens that `character` may turn into, ascending; itself is not among them.
  std::vector<text::Token> of(std::string_view character) const;
  // What to append to `character` for it to become `token`, one of those.
  std::string rest(std::string_view character, text::Token token) const;

 private:
  std::string spelt(std::string_view character) const;

  bool decomposes_;
  std::vector<std::string> spellings_;  // by token; "" = nothing turns into it
};

}  // namespace inkling::generate
