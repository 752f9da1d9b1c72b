#include "text/output_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/sample_texts.h"
#include "text/segmenter.h"
#include "text/utf8.h"

using namespace inkling::text;
using inkling::Random;

namespace {

std::vector<size_t> cluster_ends(std::string_view text) {
  std::vector<size_t> ends{0};
  for_each_character(text, Unit::grapheme, [&](std::string_view cluster) {
    ends.push_back(ends.back() + cluster.size());
  });
  return ends;
}

// Cuts the text into pieces of the unit (graphemes: of random code points' number) and checks all
// that comes out.
void check_output(const std::string& text, Unit unit, Random& random) {
  CAPTURE(text);
  OutputText output(unit);
  std::string shown;
  std::vector<size_t> seams;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    for (uint64_t n = unit == Unit::grapheme ? 1 + random.below(3) : 1;
         n-- > 0 && end < text.size();) {
      if (unit == Unit::byte) {
        ++end;
      } else {
        next_code_point(text, end);
      }
    }
    shown += output.add(text.substr(at, end - at));
    seams.push_back(shown.size());
    at = end;
    REQUIRE(shown.size() <= at);
  }
  shown += output.finish();
  REQUIRE(shown == text);
  REQUIRE(output.finish() == "");
  const auto ends = cluster_ends(text);
  for (const size_t seam : seams) REQUIRE(std::binary_search(ends.begin(), ends.end(), seam));
}

}  // namespace

TEST_CASE("what may still join is held back") {
  OutputText output(Unit::codepoint);
  CHECK(output.add("e") == "");
  CHECK(output.add("\u0301") == "");
  CHECK(output.add("👩") == "e\u0301");
  CHECK(output.add("\u200D") == "");
  CHECK(output.add("🚀") == "");
  CHECK(output.add("!") == "👩‍🚀");
  CHECK(output.add("\n") == "!\n");
  CHECK(output.add("\r") == "");
  CHECK(output.add("\n") == "\r\n");
  CHECK(output.add("🇫") == "");
  CHECK(output.add("🇷") == "");
  CHECK(output.add("🇯") == "🇫🇷");
  CHECK(output.finish() == "🇯");
  CHECK(output.finish() == "");
}

TEST_CASE("half a code point waits, and what cannot be one is replaced") {
  OutputText output(Unit::byte);
  CHECK(output.add("a") == "");
  CHECK(output.add("\xE2") == "");
  CHECK(output.add("\x82") == "");
  CHECK(output.add("\xAC") == "a");
  CHECK(output.add("\xFF") == "€");
  CHECK(output.add("\xC3") == "");
  CHECK(output.add("b") == "\uFFFD\uFFFD");
  CHECK(output.add("\xF0\x9F") == "");
  CHECK(output.finish() == "b\uFFFD");
  OutputText whole(Unit::codepoint);
  CHECK(whole.add("\xC3") == "");
  CHECK(whole.add("\xA9") == "\uFFFD");
  CHECK(whole.finish() == "\uFFFD");
}

TEST_CASE("no cluster that was shown ever grows") {
  Random random(4);
  for (const Unit unit : {Unit::byte, Unit::codepoint, Unit::grapheme}) {
    for (const auto& sample : inkling::testing::script_samples)
      check_output(std::string(sample.text), unit, random);
    for (int i = 0; i < 3000; ++i) {
      std::string text;
      for (uint64_t n = random.below(30); n-- > 0;)
        append_code_point(text, inkling::testing::random_code_point(random));
      check_output(text, unit, random);
    }
  }
}

TEST_CASE("endless marks do not wait for ever") {
  OutputText output(Unit::codepoint);
  std::string shown = output.add("a");
  for (int i = 0; i < 100; ++i) shown += output.add("\u0301");
  CHECK(count_code_points(shown) >= 64);
}
