#include "text/decoder.h"

#include <doctest/doctest.h>

#include <string>

#include "base/error.h"
#include "support/refusal.h"
#include "text/encoding_guess.h"

using namespace inkling::text;
using namespace std::string_literals;
using inkling::testing::refusal;
using inkling::testing::says;

namespace {

struct Decoded {
  std::string text;
  int64_t replaced = 0;
};

Decoded decoded(const std::string& bytes, const ReadOptions& options = {},
                Unit unit = Unit::grapheme) {
  Decoded result;
  result.text = decode(bytes, "FILE", options, unit, &result.replaced);
  return result;
}

std::string message(const std::string& bytes, const ReadOptions& options = {}) {
  return refusal([&] { decoded(bytes, options); });
}

std::string utf16(std::u16string_view text, bool big_endian) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xff);
    const char high = static_cast<char>(unit >> 8);
    bytes += big_endian ? high : low;
    bytes += big_endian ? low : high;
  }
  return bytes;
}

}  // namespace

TEST_CASE("well-formed UTF-8 is as it was, but for a byte order mark") {
  for (const std::string& text : {""s, "plain\n"s, "é漢😀"s, "with\0zero"s, "a\uFEFFz"s}) {
    CHECK(decoded(text).text == text);
    CHECK(decoded("\uFEFF" + text).text == text);
    CHECK(decoded("\uFEFF" + text, {}, Unit::byte).text == text);
  }
}

TEST_CASE("ill-formed bytes are refused with line and offset") {
  struct Case {
    std::string bytes;
    const char* begin;
  };
  const Case cases[] = {
      {"\xFF", "FILE: line 1, byte 0: ill-formed UTF-8 (0xFF); "},
      {"one\ntwo\nthr\xE9"s + "e", "FILE: line 3, byte 11: ill-formed UTF-8 (0xE9); "},
      {"one\r\ntwo\rthr\xE2\x82", "FILE: line 3, byte 12: ill-formed UTF-8 (0xE2 0x82); "},
      {"\n\n\xED\xA0\x80", "FILE: line 3, byte 2: ill-formed UTF-8 (0xED); "},
      {"\uFEFF\n\xC0\xAF", "FILE: line 2, byte 4: ill-formed UTF-8 (0xC0); "},
      {"\x80", "FILE: line 1, byte 0: ill-formed UTF-8 (0x80); "},
  };
  for (const Case& c : cases) {
    const std::string sentence = message(c.bytes);
    CAPTURE(sentence);
    CHECK(sentence.starts_with(c.begin));
    CHECK(says(sentence, "--invalid replace"));
  }
}

TEST_CASE("ill-formed bytes are replaced and counted when asked") {
  const Decoded result = decoded("a\xE9 b\xE2\x82 c\xFF\xFF", {.invalid = Invalid::replace});
  CHECK(result.text == "a\uFFFD b\uFFFD c\uFFFD\uFFFD");
  CHECK(result.replaced == 4);
  CHECK(decoded("é", {.invalid = Invalid::replace}).replaced == 0);
}

TEST_CASE("raw bytes are not looked at") {
  const std::string bytes = "\xFF\xFE\x80\r\n\0"s;
  CHECK(decoded(bytes, {}, Unit::byte).text == bytes);
}

TEST_CASE("ill-formed bytes beside zero bytes are called no text") {
  CHECK(says(message(std::string("\xE9"
                                 "a\0b c",
                                 6)),
             "is probably no text"));
}

TEST_CASE("a few words of French are not taken for Romanian, nor Romanian for French") {
  CHECK(
      says(message("Le caf\xE9 est ferm\xE9. O\xF9 est la gare?\n"), "it looks like windows-1252"));
  CHECK(says(message("Bucure\xBAti este capitala Rom\xE2niei.\n"), "it looks like ISO-8859-2"));
}

TEST_CASE("a legacy encoding is recognised and read") {
  const std::string latin =
      "Les \xE9l\xE8ves fran\xE7"
      "ais \xE9taient d\xE9j\xE0 l\xE0, o\xF9 le gar\xE7on a re\xE7u une le\xE7on de piano.\n";
  CHECK(says(message(latin),
             "it looks like windows-1252: read it with --encoding windows-1252, or replace"));
  CHECK(decoded(latin, {.encoding = "windows-1252"}).text ==
        "Les élèves français étaient déjà là, où le garçon a reçu une leçon de piano.\n");
  CHECK(decoded("\x93quoted\x94", {.encoding = "windows-1252"}).text == "“quoted”");
  // "This is a Russian sentence" and so on, in KOI8-R.
  const std::string russian =
      "\xEB\xCF\xDB\xCB\xC1 \xD3\xD0\xC9\xD4 \xCE\xC1 \xCB\xCF\xD7\xD2\xC5, \xC1 "
      "\xD3\xCF\xC2\xC1\xCB\xC1 \xCE\xC1 \xCE\xC5\xC5 \xD3\xCD\xCF\xD4\xD2\xC9\xD4.";
  CHECK(says(message(russian), "--encoding KOI8-R"));
  CHECK(decoded(russian, {.encoding = "koi8-r"}).text ==
        "Кошка спит на ковре, а собака на нее смотрит.");
}

TEST_CASE("UTF-8 with some damage is not taken for something else") {
  CHECK(says(message("é è ü ö ä ñ \xE9 z"), "the rest looks like UTF-8"));
}

TEST_CASE("UTF-16 and UTF-32 are recognised, with and without a mark, and read") {
  const std::u16string text = u"The cat sat on the mat.\nКошка? 😀\n";
  const std::string expected = "The cat sat on the mat.\nКошка? 😀\n";
  for (const bool big_endian : {false, true}) {
    const std::string plain = utf16(text, big_endian);
    const std::string marked = utf16(u"\uFEFF" + text, big_endian);
    const std::string name = big_endian ? "utf-16be" : "utf-16le";
    CHECK(message(marked) ==
          "FILE: it looks like UTF-16, not UTF-8; read it with --encoding utf-16");
    CHECK(message(plain) ==
          "FILE: it looks like UTF-16, not UTF-8; read it with --encoding " + name);
    CHECK(decoded(marked, {.encoding = "utf-16"}).text == expected);
    CHECK(decoded(plain, {.encoding = name}).text == expected);
    CHECK(decoded(marked, {.encoding = name}).text == expected);
    const std::string russian =
        utf16(u"Кошка спит на ковре, а собака на неё смотрит.\nИ ёж.\n", big_endian);
    CHECK(says(message(russian), "--encoding " + name));
  }
  CHECK(says(message("\xFF\xFE\0\0a\0\0\0"s),
             "it looks like UTF-32, not UTF-8; read it with --encoding utf-32"));
  // A byte too many, as `echo >>` leaves it, hides nothing.
  CHECK(says(message(utf16(text, false) + "\n"), "--encoding utf-16le"));
  CHECK(says(message("T\0\0\0h\0\0\0\x1a\x04\0\0"s), "--encoding utf-32le"));
  CHECK(says(message("\0\0\0T\0\0\0h\0\x01\xf6\0"s), "--encoding utf-32be"));
  for (const char* name : {"utf-16", "utf-16le", "utf-32be"}) CHECK(is_wide(name));
  for (const char* name : {"utf-8", "windows-1252", "shift_jis"}) CHECK_FALSE(is_wide(name));
}

TEST_CASE("zero bytes alone do not make a text UTF-16") {
  for (const std::string& text :
       {"a\0b"s, "a\0bc"s, "foo\0bar\0baz\0"s, "\0\0\0\0"s, "one two three\0four five\n\0"s}) {
    CHECK(guess_wide_encoding(text) == "");
    CHECK(decoded(text).text == text);
  }
}

TEST_CASE("bytes that an encoding does not have are refused with line and offset, or replaced") {
  const std::string bytes = utf16(u"ab\nc\xD800z", false);
  const std::string sentence = message(bytes, {.encoding = "utf-16le"});
  CHECK(says(sentence,
             "FILE: line 2, byte 8: ill-formed utf-16le (0x00 0xD8); check --encoding, or"));
  const Decoded replaced = decoded(bytes, {.encoding = "utf-16le", .invalid = Invalid::replace});
  CHECK(replaced.text == "ab\nc\uFFFDz");
  CHECK(replaced.replaced == 1);
  CHECK(says(message("abc\x81", {.encoding = "shift_jis"}), "byte 3: ill-formed shift_jis (0x81)"));
}

TEST_CASE("half of a surrogate pair does not get into the text") {
  // UTF-7: the halves of U+1F600 in the wrong order, then the first alone, then both.
  const std::string bytes = "ab\nc +3gDYPQ- +2D0- +2D3eAA-";
  CHECK(message(bytes, {.encoding = "utf-7"}) ==
        "FILE: line 2: ill-formed utf-7 (half of a surrogate pair); check --encoding, or replace "
        "such halves with --invalid replace");
  const Decoded replaced = decoded(bytes, {.encoding = "utf-7", .invalid = Invalid::replace});
  CHECK(replaced.text == "ab\nc \uFFFD\uFFFD \uFFFD 😀");
  CHECK(replaced.replaced == 3);
  CHECK(decoded("+2D3eAA- +2D0", {.encoding = "utf-7", .invalid = Invalid::replace}).text ==
        "😀 \uFFFD");
}

TEST_CASE("an encoding that ICU does not know is a mistake in the option") {
  for (const char* name : {"klingon-8", "", "utf-99"}) {
    CHECK_THROWS_AS(decoded("x", {.encoding = name}), inkling::UsageError);
  }
  for (const char* name : {"utf-8", "UTF8", "utf_8"})
    CHECK(decoded("é", {.encoding = name}).text == "é");
}

TEST_CASE("a long text in another encoding is converted whole") {
  std::u16string text;
  std::string expected;
  Decoded result;
  for (int i = 0; i < 70000; ++i) {
    text += i % 7 == 0 ? u"😀" : u"é";
    expected += i % 7 == 0 ? "😀" : "é";
  }
  CHECK((decoded(utf16(text, true), {.encoding = "utf-16be"}).text == expected));
  // Longer than what ICU is given at once, and cut within a character there.
  std::string japanese = "a", in_utf8 = "a";
  while (japanese.size() < (size_t{5} << 19)) japanese += "\x82\xa0", in_utf8 += "あ";
  CHECK((decoded(japanese, {.encoding = "shift_jis"}).text == in_utf8));
}
