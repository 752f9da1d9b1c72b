#include "text/segmenter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/icu_clusters.h"
#include "support/sample_texts.h"

using namespace inkling::text;
using inkling::Random;
using inkling::testing::icu_clusters;

namespace {

using Characters = std::vector<std::string>;

Characters characters_of(std::string_view text, Unit unit) {
  Characters result;
  for_each_character(text, unit,
                     [&](std::string_view character) { result.emplace_back(character); });
  return result;
}

}  // namespace

TEST_CASE("the units of a short text") {
  const std::string text = "a\u0301\r\n👩‍🚀क्षि";
  CHECK(characters_of(text, Unit::grapheme) == Characters{"a\u0301", "\r\n", "👩‍🚀", "क्षि"});
  CHECK(characters_of(text, Unit::codepoint) ==
        Characters{"a", "\u0301", "\r", "\n", "👩", "\u200D", "🚀", "क", "्", "ष", "ि"});
  CHECK(characters_of("é\n", Unit::byte) == Characters{"\xC3", "\xA9", "\n"});
  for (const Unit unit : {Unit::grapheme, Unit::codepoint, Unit::byte})
    CHECK(characters_of("", unit).empty());
}

TEST_CASE("graphemes of ten scripts are ICU's") {
  for (const auto& sample : inkling::testing::script_samples) {
    CAPTURE(sample.script);
    CHECK(characters_of(sample.text, Unit::grapheme) == icu_clusters(std::string(sample.text)));
  }
}

TEST_CASE("graphemes of random mixtures are ICU's") {
  Random random(2);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (uint64_t n = random.below(30); n-- > 0;) {
      const char32_t c = inkling::testing::random_code_point(random);
      for (uint64_t k = random.below(12) == 0 ? random.below(70) : 1; k-- > 0;)
        append_code_point(text, c);
    }
    CAPTURE(text);
    REQUIRE(characters_of(text, Unit::grapheme) == icu_clusters(text));
  }
}

TEST_CASE("every pair of a plain letter and another code point is parted as ICU parts it") {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    // The planes of rare ideographs, of tags and of private use are all alike: some of each are
    // enough.
    if (c >= 0x20000 && c % 64 != 0) continue;
    std::string text = "x";
    append_code_point(text, c);
    text += "가";
    append_code_point(text, c);
    append_code_point(text, c);
    text += "क";
    REQUIRE_MESSAGE(characters_of(text, Unit::grapheme) == icu_clusters(text),
                    static_cast<uint32_t>(c));
  }
}

TEST_CASE("a cluster longer than 32 code points is cut there") {
  std::string marks;
  for (int i = 0; i < 100; ++i) marks += "\u0301";
  const Characters cut = characters_of("xa" + marks + "b", Unit::grapheme);
  REQUIRE(cut.size() == 6);
  CHECK(count_code_points(cut[1]) == 32);
  CHECK(count_code_points(cut[2]) == 32);
  CHECK(count_code_points(cut[4]) == 5);
}

TEST_CASE("ill-formed bytes are passed on, not lost, in any unit") {
  const std::string text =
      "a\xE2\x82"
      "b\xFFé\xF0\x9F";
  for (const Unit unit : {Unit::grapheme, Unit::codepoint, Unit::byte}) {
    std::string joined;
    for (const std::string& character : characters_of(text, unit)) joined += character;
    CHECK(joined == text);
  }
}
