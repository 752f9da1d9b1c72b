#include "text/allowed_characters.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace inkling::text {
namespace {

TEST_CASE("a character is allowed when all its code points are") {
  struct Row {
    const char *only, *never, *character;
    bool allowed;
  };
  const Row table[] = {
      {"", "", "x", true},
      {"[a-z ]", "", "x", true},
      {"[a-z ]", "", " ", true},
      {"[a-z ]", "", "X", false},
      {"[a-z ]", "", "\n", false},
      {"[a-z]", "", "x\u0301", false},        // the accent is not in it
      {"[a-z\\u0301]", "", "x\u0301", true},  // now it is
      {"[{x\\u0301}]", "", "x\u0301", true},  // as a whole
      {"[{x\\u0301}]", "", "x", false},       // and only so
      {"\\p{Greek}", "", "λ", true},
      {"\\p{Greek}", "", "l", false},
      {"", "[aeiou]", "b", true},
      {"", "[aeiou]", "e", false},
      {"", "[\\u0301]", "x\u0301", false},  // any forbidden code point forbids it
      {"", "[{x\\u0301}]", "x\u0301", false},
      {"", "[{x\\u0301}]", "x", true},
      {"[a-z]", "[aeiou]", "e", false},
      {"[a-z]", "[aeiou]", "b", true},
      {"[[:L:]-[aeiou]]", "", "é", true},
      {"[[:L:]-[aeiou]]", "", "u", false},
      {"[\\U0001F468\\u200D]", "", "\U0001f468\u200d\U0001f680", false},
      {R"([\U0001F468\U0001F680\u200D])", "", "\U0001f468\u200d\U0001f680", true},
  };
  for (const Row& row : table) {
    CAPTURE(row.only);
    CAPTURE(row.never);
    CAPTURE(row.character);
    CHECK(AllowedCharacters(row.only, row.never).allows(row.character) == row.allowed);
  }
}

TEST_CASE("whether a range has an allowed code point") {
  const AllowedCharacters vowels("[a-z]", "[b-df-h]");
  CHECK(vowels.allows_some('a', 'b'));
  CHECK(vowels.allows_some('e', 'e'));
  CHECK_FALSE(vowels.allows_some('b', 'd'));
  CHECK_FALSE(vowels.allows_some('A', 'Z'));
  CHECK_FALSE(vowels.everything());
  CHECK(AllowedCharacters("", "").everything());
}

TEST_CASE("what is no set is refused, with the option that was meant") {
  for (const char* pattern : {"abc", "[a-", "\\p{Klingonese}", "[z-a]", "[]]"}) {
    CAPTURE(pattern);
    CHECK_THROWS_WITH_AS(AllowedCharacters(pattern, ""), doctest::Contains("--only: '"),
                         UsageError);
    CHECK_THROWS_WITH_AS(AllowedCharacters("", pattern), doctest::Contains("--never: '"),
                         UsageError);
  }
}

}  // namespace
}  // namespace inkling::text
