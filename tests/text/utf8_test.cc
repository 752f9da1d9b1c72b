#include "text/utf8.h"

#include <doctest/doctest.h>

#include <string>

using namespace inkling::text;
using namespace std::string_literals;

TEST_CASE("every kind of ill-formed UTF-8 is found, where it is and as long as it is") {
  struct Case {
    const char* kind;
    std::string bytes;
    size_t offset, size;
  };
  const Case cases[] = {
      {"a lone continuation byte",
       "ab\x80"
       "c",
       2, 1},
      {"a lead byte before ASCII", "ab\xE9 c", 2, 1},
      {"two of three bytes", "a\xE2\x82z", 1, 2},
      {"three of four bytes", "\xF0\x9F\x98z", 0, 3},
      {"cut at the end", "abc\xE2\x82", 3, 2},
      {"an overlong slash", "a\xC0\xAF", 1, 1},
      {"an overlong slash in three", "a\xE0\x80\xAF", 1, 1},
      {"a surrogate", "a\xED\xA0\x80z", 1, 1},
      {"beyond U+10FFFF", "a\xF4\x90\x80\x80", 1, 1},
      {"bytes that UTF-8 never has", "abcd\xFF\xFE", 4, 1},
      {"five bytes", "\xF8\x88\x80\x80\x80", 0, 1},
      {"behind much ASCII", std::string(1000, 'x') + "\xE9", 1000, 1},
      {"behind other letters", "ééé漢😀\xC3(", 13, 1},
      {"behind other letters and ASCII", "é and so on\xE9", 12, 1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.kind);
    const auto found = find_ill_formed(c.bytes);
    REQUIRE(found);
    CHECK(found->offset == c.offset);
    CHECK(found->size == c.size);
    CHECK_FALSE(find_ill_formed(replace_ill_formed(c.bytes)));
  }
  CHECK_FALSE(find_ill_formed(""));
  CHECK_FALSE(find_ill_formed("é漢😀\0z\xF4\x8F\xBF\xBF"s));
}

TEST_CASE("replacing keeps the rest and counts") {
  int64_t replaced = 0;
  CHECK(replace_ill_formed("a\xE2\x82"
                           "b\xFF\xFF"
                           "c",
                           &replaced) == "a\uFFFDb\uFFFD\uFFFDc");
  CHECK(replaced == 3);
}

TEST_CASE("a code point that is begun at the end is found, a hopeless one is not waited for") {
  struct Case {
    std::string bytes;
    size_t whole;
  };
  const Case cases[] = {{"", 0},         {"ab", 2},        {"a\xC3", 1},
                        {"aé", 3},       {"a\xE2\x82", 1}, {"a\xF0\x9F\x98", 1},
                        {"a😀", 5},       {"a\x80", 2},     {"a\xFF", 2},
                        {"a\xE0\x80", 3}};
  for (const Case& c : cases) CHECK(without_begun_code_point(c.bytes) == c.whole);
  // What is before the bytes does not count.
  CHECK(without_begun_code_point(std::string_view("\xE2\x82").substr(1)) == 1);
}

TEST_CASE("the first byte beyond ASCII is found at every distance") {
  for (size_t size = 0; size < 70; ++size) {
    std::string text(size, 'x');
    CHECK(find_non_ascii(text) == size);
    CHECK(find_non_ascii(text + "é and more of it") == size);
    CHECK(find_non_ascii("é" + text + "é", 2) == size + 2);
  }
}

TEST_CASE("code points are read, counted and written") {
  const std::string text = "aé漢😀";
  CHECK(count_code_points(text) == 4);
  std::string copy;
  for (size_t at = 0; at < text.size();) append_code_point(copy, next_code_point(text, at));
  CHECK(copy == text);
}
