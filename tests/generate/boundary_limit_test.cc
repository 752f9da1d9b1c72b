#include "generate/boundary_limit.h"

#include <doctest/doctest.h>

namespace inkling::generate {
namespace {

using Kind = BoundaryLimit::Kind;

struct Row {
  Kind kind;
  int64_t count;
  std::string prompt, text, shown;
};

TEST_CASE("text goes through up to the end of the N-th word or sentence") {
  const std::vector<Row> table{
      {Kind::none, 0, "a", " b. c", " b. c"},
      {Kind::words, 1, "", "The cat sat", "The"},
      {Kind::words, 2, "", "The cat sat", "The cat"},
      {Kind::words, 1, "The cat", " sat on", " sat"},
      {Kind::words, 1, "The m", "at, then", "at"},  // the begun word is the first
      {Kind::words, 2, "", "I don't know", "I don't"},
      {Kind::words, 1, "", "mat.com is", "mat.com"},
      {Kind::words, 1, "", "mat. Then", "mat"},
      {Kind::words, 1, "I don'", "t know", "t"},
      {Kind::words, 2, "", "cafe\u0301 noir et", "cafe\u0301 noir"},
      {Kind::words, 9, "", "too few", "too few"},
      {Kind::words, 2, "", "\u6211\u559c\u6b22\u732b\u54aa", "\u6211\u559c\u6b22"},
      {Kind::sentences, 1, "", "He came. She went. They", "He came."},
      {Kind::sentences, 2, "", "He came. She went. They", "He came. She went."},
      {Kind::sentences, 1, "He ca", "me. She went.", "me."},
      {Kind::sentences, 1, "He came.", " She went. They", " She went."},
      {Kind::sentences, 1, "", "It is 3.14 now. And", "It is 3.14 now."},
      {Kind::sentences, 1, "", "e.g. (this) is. Not", "e.g. (this) is."},
      {Kind::sentences, 2, "", "One\n\n\nTwo\nThree", "One\n\n\nTwo\n"},
      {Kind::sentences, 1, "", "No end", "No end"},
      {Kind::sentences, 1, "", "No end ", "No end "},
      {Kind::sentences, 1, "", "Two.  \n  Next", "Two.  \n"},
      {Kind::sentences, 1, "No stop before", " this one.  Next", " this one."},
      {Kind::sentences, 2, "", R"("Go." he said. "No." So)", R"("Go." he said. "No.")"},
  };
  text::WordBreaker breaker;
  for (const Row& row : table) {
    BoundaryLimit limit(row.kind, row.count, row.prompt);
    std::string shown;
    for (const text::Segment& s : breaker.clusters(row.text)) {
      shown += limit.add(
          row.text.substr(static_cast<size_t>(s.begin), static_cast<size_t>(s.end - s.begin)));
    }
    shown += limit.finish();
    CHECK_MESSAGE(shown == row.shown, row.text);
  }
}

TEST_CASE("a prompt whose end is no text ends no sentence") {
  BoundaryLimit limit(Kind::sentences, 1, std::string(10000, '\x80'));
  CHECK(limit.add("He came. ") == "He came.");
}

TEST_CASE("a sentence is shown as it comes, but for blanks that may be behind it") {
  BoundaryLimit limit(Kind::sentences, 1, "");
  CHECK(limit.add("He") == "He");
  CHECK(limit.add(" ") == "");
  CHECK(limit.add("c") == " c");
  CHECK(limit.add(".") == ".");
  CHECK(limit.add(" ") == "");
  CHECK_FALSE(limit.reached());
  CHECK(limit.add("S") == "");
  CHECK(limit.reached());
}

TEST_CASE("text before the last word is shown at once, and the end is told as soon as it is sure") {
  BoundaryLimit limit(Kind::words, 2, "");
  CHECK(limit.add("I") == "I");
  CHECK(limit.add(" ") == " ");
  CHECK(limit.add("don") == "don");
  CHECK(limit.add("'") == "");
  CHECK(limit.add("t") == "'t");
  CHECK_FALSE(limit.reached());
  CHECK(limit.add(" ") == "");
  CHECK(limit.reached());
  CHECK(limit.add("more") == "");
  CHECK(limit.finish() == "");
}

}  // namespace
}  // namespace inkling::generate
