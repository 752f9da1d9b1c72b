#include "text/words.h"

#include <doctest/doctest.h>

#include <string>

#include "support/sample_texts.h"
#include "text/boundaries.h"
#include "text/segmenter.h"

using namespace inkling::text;

namespace {

using Texts = std::vector<std::string>;

Texts texts_of(std::string_view text, const std::vector<Segment>& segments, bool words_only) {
  Texts texts;
  int64_t at = 0;
  for (const Segment& segment : segments) {
    CHECK(segment.begin == at);
    at = segment.end;
    if (segment.is_word || !words_only) {
      texts.emplace_back(text.substr(static_cast<size_t>(segment.begin),
                                     static_cast<size_t>(segment.end - segment.begin)));
    }
  }
  CHECK(at == static_cast<int64_t>(text.size()));
  return texts;
}

}  // namespace

TEST_CASE("words in several scripts, with what is between them") {
  struct Case {
    const char* text;
    Texts words;
  };
  const Case cases[] = {
      {"", {}},
      {"The cat's 3 hats, no?", {"The", "cat's", "3", "hats", "no"}},
      {"«Où est l’été?»", {"Où", "est", "l’été"}},
      {"Кошка спит.", {"Кошка", "спит"}},
      {"แมวนอน", {"แมว", "นอน"}},
      {"बिल्ली सो", {"बिल्ली", "सो"}},
      {"... --- \n", {}},
  };
  WordBreaker breaker;
  for (const Case& c : cases) CHECK(texts_of(c.text, breaker.words(c.text), true) == c.words);
  const std::string text = "Hi, you";
  CHECK(texts_of(text, breaker.words(text), false) == Texts{"Hi", ",", " ", "you"});
}

TEST_CASE("sentences end where ICU says") {
  WordBreaker breaker;
  const std::string text = "The cat sat. Where? On it!\nNo full stop";
  CHECK(texts_of(text, breaker.sentences(text), false) ==
        Texts{"The cat sat. ", "Where? ", "On it!\n", "No full stop"});
}

TEST_CASE("clusters are the characters of the tokenizer") {
  WordBreaker breaker;
  for (const auto& sample : inkling::testing::script_samples) {
    Texts expected;
    for_each_character(sample.text, Unit::grapheme,
                       [&](std::string_view cluster) { expected.emplace_back(cluster); });
    CHECK(texts_of(sample.text, breaker.clusters(sample.text), false) == expected);
  }
}

TEST_CASE("a breaker can be moved and used again") {
  WordBreaker first;
  CHECK(first.words("a b").size() == 3);
  WordBreaker second = std::move(first);
  CHECK(second.words("c").size() == 1);
}

TEST_CASE("a text that ICU sees in pieces has the same boundaries") {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    for (const auto& sample : inkling::testing::script_samples) {
      text += sample.text.substr(0, sample.text.size() - (i % 3 == 0 ? 1 : 0));
    }
  }
  for (const auto kind :
       {Boundaries::Kind::cluster, Boundaries::Kind::word, Boundaries::Kind::sentence}) {
    Boundaries whole(kind);
    Boundaries pieces(kind);
    const auto& expected = whole.find(text);
    const auto& found = pieces.find(text, 300);
    REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      REQUIRE(found[i].end == expected[i].end);
      CHECK(found[i].status == expected[i].status);
    }
  }
  // A boundary that depends on what follows it, in the next piece.
  for (const auto& [kind, doubtful] :
       {std::pair(Boundaries::Kind::word, "See a.b or 3.14 or a.b or it's a.b "),
        std::pair(Boundaries::Kind::sentence, "Etc. (1) 2 and so. He went. Etc. 12 34 on? ")}) {
    std::string repeated;
    for (int i = 0; i < 10; ++i) repeated += doubtful;
    Boundaries whole(kind);
    Boundaries pieces(kind);
    const auto& expected = whole.find(repeated);
    for (int64_t piece = 80; piece < 160; ++piece) {
      const auto& found = pieces.find(repeated, piece);
      REQUIRE(found.size() == expected.size());
      for (size_t i = 0; i < found.size(); ++i) REQUIRE(found[i].end == expected[i].end);
    }
  }
  // One cluster longer than a piece still ends.
  std::string marks = "a";
  for (int i = 0; i < 100; ++i) marks += "\u0301";
  Boundaries boundaries(Boundaries::Kind::cluster);
  CHECK(boundaries.find(marks, 10).back().end == static_cast<int64_t>(marks.size()));
}
