#include "text/normalizer.h"

#include <doctest/doctest.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <string>

#include "base/limits.h"
#include "support/sample_texts.h"
#include "text/utf8.h"

using namespace inkling::text;
using inkling::Random;
namespace limits = inkling::limits;

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

TEST_CASE("endless marks are put into order a few at a time") {
  const auto marks = [](const std::string& two, size_t times) {
    std::string text;
    while (times-- > 0) text += two;
    return text;
  };
  // The dot below belongs before the acute accent.
  const auto few = static_cast<size_t>(limits::marks_in_order) / 2;
  const std::string unordered = "\u0301\u0323";
  const std::string part = marks("\u0323", few) + marks("\u0301", few);
  CHECK(normalize("q" + marks(unordered, few), Normalization::nfc) == "q" + part);
  CHECK(normalize("q" + marks(unordered, 3 * few) + "q", Normalization::nfc) ==
        "q" + part + part + part + "q");
  // Two marks that look like one: the same, and no quarter of an hour for a million of them.
  CHECK(normalize("q" + marks("\u0f73", 500000), Normalization::nfc).size() == 1 + 500000 * 6);
  // Behind four million bytes, where the text is cut anyway.
  const std::string before((size_t{4} << 20) - 1, 'a');
  const std::string normal = normalize(before + "q" + marks(unordered, 100000), Normalization::nfc);
  CHECK(normal.size() == before.size() + 1 + 400000);
  CHECK((normal.substr(before.size(), 1 + part.size()) == "q" + part));
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
