#include "text/vocabulary.h"

#include <doctest/doctest.h>

#include "support/refusal.h"

using namespace inkling::text;
using inkling::testing::refusal;
using inkling::testing::says;
using Entries = std::vector<Vocabulary::Entry>;

TEST_CASE("tokens are numbered in the order given, special ones last") {
  const Vocabulary plain({{"a", 3}, {"é", 2}, {"\n", 1}}, 5, std::nullopt);
  CHECK(plain.size() == 4);
  CHECK(plain.unknown() == 3);
  CHECK_FALSE(plain.has_end());
  CHECK(plain.end() == -1);
  CHECK(plain.find("é") == 1);
  CHECK_FALSE(plain.find("e"));
  CHECK(plain.text(1) == "é");
  CHECK(plain.text(3) == "");
  CHECK(plain.count(1) == 2);
  CHECK(plain.count(3) == 5);

  const Vocabulary documents({{"a", 3}}, 0, 7);
  CHECK(documents.size() == 3);
  CHECK(documents.end() == 1);
  CHECK(documents.unknown() == 2);
  CHECK(documents.count(1) == 7);
  CHECK_FALSE(documents.is_character(1));
  CHECK(documents.is_character(0));
  CHECK_FALSE(documents.is_character(-1));
  CHECK_FALSE(plain == documents);
}

TEST_CASE("an empty vocabulary knows <unk> alone") {
  const Vocabulary empty;
  CHECK(empty.size() == 1);
  CHECK(empty.unknown() == 0);
  CHECK_FALSE(empty.find("a"));
}

TEST_CASE("min_count and max_vocab choose, bytes order") {
  const Entries counted = {{"c", 5}, {"b", 1}, {"é", 2}, {"a", 2}, {"\xFF", 9}};
  struct Case {
    int64_t min_count, max_vocab;
    Entries kept;
    int64_t unknown;
  };
  const Case cases[] = {
      {1, 0, {{"a", 2}, {"b", 1}, {"c", 5}, {"é", 2}, {"\xFF", 9}}, 0},
      {2, 0, {{"a", 2}, {"c", 5}, {"é", 2}, {"\xFF", 9}}, 1},
      {1, 3, {{"a", 2}, {"c", 5}, {"\xFF", 9}}, 3},  // of equals, the one with the smaller bytes
      {6, 20000, {{"\xFF", 9}}, 10},
      {10, 0, {}, 19},
  };
  for (const Case& c : cases) {
    const Vocabulary vocabulary =
        Vocabulary::from_counts(counted, c.min_count, c.max_vocab, std::nullopt);
    CHECK(vocabulary.entries() == c.kept);
    CHECK(vocabulary.unknown_count() == c.unknown);
  }
}

TEST_CASE("characters of another vocabulary take no room from those of the text") {
  const Entries counted = {{"a", 3}, {"b", 2}, {"c", 1}};
  const std::vector<std::string> wanted{"a", "x", "y"};
  const auto with_most = [&](int64_t most) {
    return Vocabulary::from_counts(counted, 1, most, std::nullopt, wanted).entries();
  };
  CHECK(with_most(2) == Entries{{"a", 3}, {"b", 2}, {"x", 0}, {"y", 0}});
  CHECK(with_most(1) == Entries{{"a", 3}, {"x", 0}, {"y", 0}});
  CHECK(with_most(0) == Entries{{"a", 3}, {"b", 2}, {"c", 1}, {"x", 0}, {"y", 0}});
}

TEST_CASE("doubled and empty characters are refused") {
  CHECK(says(refusal([] {
               Vocabulary({{"a", 1}, {"b", 1}, {"a", 1}}, 0, {});
             }),
             "characters 0 and 2 are the same"));
  CHECK(says(refusal([] { Vocabulary({{"a", 1}, {"", 1}}, 0, {}); }), "character 1 is empty"));
}
