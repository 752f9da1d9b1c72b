#include "text/normalizer.h"

#include <doctest/doctest.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <string>

#include "support/sample_texts.h"
#include "text/utf8.h"

using namespace inkling::text;
using inkling::Random;

namespace {

std::string folded(std::string_view text, const TextOptions& options) {
  std::string storage;
  return std::string(normalize(text, options, storage));
}

// ICU's own UTF-16 path, which shares nothing with ours but the tables.
std::string by_icu(const std::string& text, bool compatible) {
  UErrorCode code = U_ZERO_ERROR;
  const auto* normalizer =
      compatible ? icu::Normalizer2::getNFKCInstance(code) : icu::Normalizer2::getNFCInstance(code);
  std::string result;
  normalizer->normalize(icu::UnicodeString::fromUTF8(text), code).toUTF8String(result);
  REQUIRE(U_SUCCESS(code));
  return result;
}

}  // namespace

TEST_CASE("line ends are folded, or kept when asked") {
  struct Case {
    const char *text, *lf;
  };
  const Case cases[] = {{"a\r\nb\rc\nd", "a\nb\nc\nd"},
                        {"\r\r\n\n\r", "\n\n\n\n"},
                        {"", ""},
                        {"no end", "no end"},
                        {"é\r\n", "é\n"}};
  for (const Case& c : cases) {
    for (const Unit unit : {Unit::grapheme, Unit::codepoint, Unit::byte}) {
      CHECK(folded(c.text, {.unit = unit}) == c.lf);
      CHECK(folded(c.text, {.unit = unit, .line_ends = LineEnds::keep}) == c.text);
    }
  }
}

TEST_CASE("each form does its part") {
  const std::string text = "e\u0301 ﬁ Å \u1100\u1161";
  CHECK(normalize(text, Normalization::none) == text);
  CHECK(normalize(text, Normalization::nfc) == "é ﬁ Å 가");
  CHECK(normalize(text, Normalization::nfkc) == "é fi Å 가");
  CHECK(folded(text, {.unit = Unit::byte}) == text);
}

TEST_CASE("a text that is normal already is not copied") {
  std::string storage;
  const std::string text = std::string(100, 'a') + "é\nand more";
  CHECK(normalize(text, {}, storage).data() == text.data());
  CHECK(storage.empty());
}

TEST_CASE("a mark after the last ASCII character joins it") {
  CHECK(normalize(std::string(50, 'e') + "\u0301", Normalization::nfc) ==
        std::string(49, 'e') + "é");
}

TEST_CASE("random texts come out as ICU's own path has them") {
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (uint64_t n = random.below(20); n-- > 0;)
      append_code_point(text, inkling::testing::random_code_point(random));
    CHECK(normalize(text, Normalization::nfc) == by_icu(text, false));
    CHECK(normalize(text, Normalization::nfkc) == by_icu(text, true));
  }
}

TEST_CASE("where a long text is cut in pieces does not show") {
  // 9 MB without a line end, with a mark to join at every place.
  std::string text;
  while (text.size() < 9000000) text += "e\u0301\u1100\u1161\u11A8";
  const std::string normal = normalize(text, Normalization::nfc);
  std::string expected;
  while (expected.size() < normal.size()) expected += "é각";
  CHECK((normal == expected));
  CHECK(normal.size() == text.size() / 12 * 5);
}
