#include "generate/longer_characters.h"

#include <doctest/doctest.h>

#include "support/fake_next_character.h"
#include "text/normalizer.h"

namespace inkling::generate {
namespace {

using Texts = std::vector<std::string>;

Texts longer(const text::Tokenizer& tokenizer, const std::string& character) {
  Texts texts;
  for (const text::Token token : LongerCharacters(tokenizer).of(character))
    texts.emplace_back(tokenizer.vocabulary().text(token));
  return texts;
}

const Texts characters{"e",      "é",      "ệ",      "E",
                       "É",      "x",      "\u0915", "\u0915\u093f",
                       "\uac00", "\uac01", "\u0e01", "\u0e01\u0e34"};

TEST_CASE("a character turns into those whose code points begin with its own") {
  const text::Tokenizer clusters = testing::make_tokenizer(characters);
  const std::vector<std::pair<std::string, Texts>> table{
      {"e", {"é", "ệ"}},
      {"é", {}},
      {"ẹ", {"ệ"}},  // the model need not know the character itself
      {"x", {}},
      {"y", {}},
      {"\u0915", {"\u0915\u093f"}},
      {"\uac00", {"\uac01"}},
      {"\u0e01", {"\u0e01\u0e34"}},
  };
  for (const auto& row : table) {
    INFO(row.first);
    CHECK(longer(clusters, row.first) == row.second);
  }
  const text::Tokenizer code_points =
      testing::make_tokenizer({"e", "é", "\u0301"}, false, text::Unit::codepoint);
  CHECK(longer(code_points, "e") == Texts{"é"});
  const text::Tokenizer bytes =
      testing::make_tokenizer({"e", "\xc3", "\xa9"}, false, text::Unit::byte);
  CHECK(longer(bytes, "e").empty());
}

TEST_CASE("without normalisation only what is spelt so begins with it") {
  const std::vector<text::Vocabulary::Entry> entries{{"e", 1}, {"e\u0301", 1}, {"\u00e9", 1}};
  const text::Tokenizer tokenizer({.normalize = text::Normalization::none},
                                  text::Vocabulary::from_counts(entries, 1, 0, std::nullopt));
  CHECK(longer(tokenizer, "e") == Texts{"e\u0301"});
}

TEST_CASE("a character and the rest of a longer one are the longer one when normalised") {
  const text::Tokenizer tokenizer = testing::make_tokenizer(characters);
  const LongerCharacters all(tokenizer);
  for (const std::string& character : characters) {
    for (const text::Token token : all.of(character)) {
      const std::string rest = all.rest(character, token);
      CHECK_FALSE(rest.empty());
      CHECK(text::normalize(character + rest, text::Normalization::nfc) ==
            tokenizer.vocabulary().text(token));
    }
  }
  CHECK(all.rest("e", *tokenizer.vocabulary().find("é")) == "\u0301");
}

}  // namespace
}  // namespace inkling::generate
