#include "text/caret.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "text/words.h"

using namespace inkling::text;

namespace {

const std::vector<std::string> texts{
    "",
    "plain words, and more",
    "line\r\nline\n\nline",
    "e\u0301tude re\u0301sume\u0301",
    "नमस्ते दुनिया क्षि",
    "ภาษาไทยที่กำลังเขียน",
    "猫が好き。日本語",
    "👩‍🚀👍🏽🇩🇪🇫🇷🇮🇹 ❤️",
    "각각 한국어",
    "\u0600\u0661 a\u200fb",
};

}  // namespace

TEST_CASE("clusters near a place are those of the whole text") {
  WordBreaker breaker;
  for (const std::string& part : texts) {
    // Longer than what a call looks at, without and with places where it may begin.
    std::string text;
    for (int i = 0; i < 60; ++i) text += part + (i % 20 == 19 ? " x" : "");
    CAPTURE(part);
    size_t at = 0;
    for (const Segment& segment : breaker.clusters(text)) {
      const auto begin = static_cast<size_t>(segment.begin);
      const auto end = static_cast<size_t>(segment.end);
      REQUIRE(at == begin);
      REQUIRE(previous_cluster(text, end) == begin);
      for (size_t inside = begin + 1; inside < end; ++inside) {
        if ((text[inside] & 0xc0) != 0x80) REQUIRE(cluster_boundary(text, inside) == begin);
      }
      REQUIRE(cluster_boundary(text, begin) == begin);
      at = next_cluster(text, begin);
    }
    CHECK(at == text.size());
    CHECK(next_cluster(text, text.size()) == text.size());
    CHECK(previous_cluster(text, 0) == 0);
  }
}

TEST_CASE("words near a place are those of the whole text") {
  WordBreaker breaker;
  for (const std::string& text : texts) {
    CAPTURE(text);
    std::vector<size_t> begins, ends;
    for (const Segment& segment : breaker.words(text)) {
      if (!segment.is_word) continue;
      begins.push_back(static_cast<size_t>(segment.begin));
      ends.push_back(static_cast<size_t>(segment.end));
    }
    size_t at = 0;
    for (const size_t end : ends) {
      at = next_word_end(text, at);
      CHECK(at == end);
    }
    CHECK(next_word_end(text, at) == text.size());
    at = text.size();
    for (size_t i = begins.size(); i-- > 0;) {
      at = previous_word_begin(text, at);
      CHECK(at == begins[i]);
    }
    CHECK(previous_word_begin(text, at) == 0);
  }
}

TEST_CASE("a word behind kilobytes of blanks is still found") {
  const std::string text = "one" + std::string(5000, ' ') + "two";
  CHECK(next_word_end(text, 3) == text.size());
  CHECK(previous_word_begin(text, text.size() - 3) == 0);
}

TEST_CASE("Backspace takes one sign of scripts that are written sign by sign") {
  const auto left = [](const std::string& text) {
    return text.substr(0, backspace_begin(text, text.size()));
  };
  CHECK(left("ab") == "a");
  CHECK(left("cafe\u0301") == "caf");
  CHECK(left("क\u094dषि") == "क\u094dष");
  CHECK(left("ที่") == "ที");
  CHECK(left("x👩‍🚀") == "x");
  CHECK(left("x❤️") == "x");
  CHECK(left("🇩🇪🇫🇷") == "🇩🇪");
  CHECK(left("a\r\n") == "a");
}
