#include "text/folding.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace inkling::text;

namespace {

Vocabulary knowing(std::initializer_list<const char*> characters) {
  std::vector<Vocabulary::Entry> entries;
  for (const char* character : characters) entries.push_back({character, 1});
  return {entries, 0, std::nullopt};
}

}  // namespace

TEST_CASE("a character folds to the first known of NFKC, case, base letter, ASCII") {
  struct Case {
    std::string character;
    std::initializer_list<const char*> known;
    std::string fold;  // "" = <unk>
  };
  const Case cases[] = {
      {"Ａ", {"A", "a"}, "A"},
      {"\u00A0", {" "}, " "},
      {"²", {"2"}, "2"},
      {"Q", {"q"}, "q"},
      {"q", {"Q"}, "Q"},
      {"É", {"é", "E"}, "é"},  // its lower case before its base
      {"é", {"É", "e"}, "É"},
      {"é", {"e", "E"}, "e"},
      {"é", {"E"}, "E"},  // the case of the base
      {"e\u0327\u0301", {"e"}, "e"},
      {"\u2126", {"\u03A9"}, "\u03A9"},  // the sign for ohm
      {"Й", {"и"}, "и"},
      {"“", {"\"", "'"}, "\""},
      {"’", {"\"", "'"}, "'"},
      {"—", {"-"}, "-"},
      {"ẞ", {"s", "ß"}, "ß"},
      {"ß", {"s", "ẞ"}, ""},  // no single capital, and two letters in ASCII
      {"ø", {"o"}, "o"},
      {"ﬁ", {"f", "i"}, ""},  // two characters are no fold
      {"가", {"\u1100", "a"}, ""},
      {"漢", {"a", "字"}, ""},
      {"\u0301", {"a"}, ""},
      {"👩‍🚀", {"👩"}, ""},
      {"\t", {"a"}, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.character);
    const Vocabulary vocabulary = knowing(c.known);
    Folder folder(vocabulary, Unit::grapheme);
    for (int twice = 0; twice < 2; ++twice) {
      const Token token = folder.fold(c.character);
      CHECK(std::string(vocabulary.text(token)) == c.fold);
      if (c.fold.empty()) CHECK(token == vocabulary.unknown());
    }
  }
}

TEST_CASE("single bytes fold only where they are ASCII") {
  const Vocabulary vocabulary({{"q", 1}, {"e", 1}, {"\xE9", 1}}, 0, std::nullopt);
  Folder folder(vocabulary, Unit::byte);
  CHECK(vocabulary.text(folder.fold("Q")) == "q");
  CHECK(folder.fold("\xC9") == vocabulary.unknown());
}

TEST_CASE("candidates are distinct, not empty and not the character itself") {
  for (const char* character : {"a", "É", "“", "ﬁ", "漢", "\n", "\u0301"}) {
    auto candidates = fold_candidates(character);
    CHECK(std::count(candidates.begin(), candidates.end(), "") == 0);
    CHECK(std::count(candidates.begin(), candidates.end(), character) == 0);
    std::sort(candidates.begin(), candidates.end());
    CHECK(std::adjacent_find(candidates.begin(), candidates.end()) == candidates.end());
  }
}
