#include "generate/word_rules.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "generate/word_at_end.h"
#include "text/utf8.h"
#include "text/words.h"

namespace inkling::generate {
namespace {

using Kind = WordStep::Kind;

// The words of a text by the state machine alone; "?" where it asks.
std::vector<std::string> words_by_rules(const std::string& text) {
  std::vector<std::string> words;
  WordState state = WordState::outside;
  size_t begin = 0, end = 0;  // of the word in progress; end stays where the word is whole
  for (size_t at = 0; at < text.size();) {
    const size_t from = at;
    const WordStep step = word_step(state, text::word_class(text::next_code_point(text, at)));
    if (step.kind == Kind::ask) return {"?"};
    if (step.kind == Kind::ends && end > begin) words.push_back(text.substr(begin, end - begin));
    if (step.kind == Kind::begins || step.kind == Kind::ends) begin = end = from;
    state = step.next;
    if (in_word(state)) end = at;
  }
  if (end > begin) words.push_back(text.substr(begin, end - begin));
  return words;
}

std::vector<std::string> words_by_icu(text::WordBreaker& breaker, const std::string& text) {
  std::vector<std::string> words;
  for (const text::Segment& s : breaker.words(text)) {
    const auto begin = static_cast<size_t>(s.begin), end = static_cast<size_t>(s.end);
    if (s.is_word) words.push_back(text.substr(begin, end - begin));
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += "[" + word + "]";
  return all;
}

TEST_CASE("the rules divide these texts as people do") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"The cat's 3.14 mats.", "[The][cat's][3.14][mats]"},
      {"well-known", "[well][known]"},
      {"a.b a. b", "[a.b][a][b]"},
      {"snake_case _x _ __", "[snake_case][_x][__]"},
      {"don\u2019t \u201cgo\u201d", "[don\u2019t][go]"},
      {"cafe\u0301s", "[cafe\u0301s]"},
      {"1,000;a,b", "[1,000][a][b]"},
      {"\u05d0'\u05d1 \u05d0\"\u05d1 \u05d0' x", "[\u05d0'\u05d1][\u05d0\"\u05d1][\u05d0'][x]"},
      {"\ud55c\uad6d\uc5b4 \ud55ca", "[\ud55c\uad6d\uc5b4][\ud55c][a]"},
      {"\u0928\u092e\u0938\u094d\u0924\u0947 \u03ba\u03b1\u03b9",
       "[\u0928\u092e\u0938\u094d\u0924\u0947][\u03ba\u03b1\u03b9]"},
  };
  text::WordBreaker breaker;
  for (const auto& row : table) {
    INFO(row.first);
    CHECK(joined(words_by_rules(row.first)) == row.second);
    CHECK(joined(words_by_icu(breaker, row.first)) == row.second);
  }
}

// ICU denies the status of a word to one that ends in a Hangul syllable, an underscore or a Hebrew
// quote with a mark on it, or is glued to an emoji. The rules do not follow it there.
bool is_odd(const std::string& text) {
  if (text.find("\u200d\U0001f600") != text.npos) return true;
  auto before = text::WordClass::other;
  const bool hebrew = text.find("\u05d0") != text.npos || text.find("\u05d1") != text.npos;
  for (size_t at = 0; at < text.size();) {
    const text::WordClass c = text::word_class(text::next_code_point(text, at));
    const bool odd = before == text::WordClass::hangul || before == text::WordClass::underscore ||
                     (hebrew && before == text::WordClass::single_quote);
    if (odd && c == text::WordClass::extend) return true;
    before = c;
  }
  return false;
}

TEST_CASE("the rules agree with ICU on random texts of every word class") {
  const std::vector<std::string> alphabet{
      "a",      "b",      "'",          "\u2019",     ".",      ",",      ":",
      ";",      "_",      "-",          "1",          "2",      " ",      "\n",
      "\u0301", "\u00ad", "\u200d",     "\u05d0",     "\u05d1", "\"",     "\ud55c",
      "\uad6d", "@",      "\u00b7",     "\u202f",     "\u0915", "\u094d", "\u0663",
      "\u1112", "!",      "\U0001f600", "\U0001f1e6", "\uff0c", "\u00e9"};
  text::WordBreaker breaker;
  Random random(7);
  for (int i = 0; i < 40000; ++i) {
    std::string text;
    const uint64_t length = 1 + random.below(9);
    // Few different ones at a time, so that they meet often.
    const uint64_t few = 2 + random.below(6), from = random.below(alphabet.size());
    for (uint64_t n = 0; n < length; ++n) {
      const uint64_t pick = few < 5 ? from + random.below(few) : random.below(alphabet.size());
      text += alphabet[pick % alphabet.size()];
    }
    if (is_odd(text)) continue;
    const std::string expected = joined(words_by_icu(breaker, text));
    REQUIRE_MESSAGE(joined(words_by_rules(text)) == expected, text);

    const WordAtEnd at = word_at_end(text, breaker);
    const std::vector<text::Segment> segments = breaker.words(text);
    const text::Segment last = segments.back();
    REQUIRE_MESSAGE(
        at.begun() == (last.is_word ? text.substr(static_cast<size_t>(last.begin)) : ""), text);
  }
}

TEST_CASE("every code point has the class that ICU gives it") {
  text::WordBreaker breaker;
  const std::vector<std::pair<std::string, std::string>> around{
      {"", ""}, {"a", "b"}, {"1", "2"}, {"_", "_"}, {"\u05d0", "\u05d1"}, {"\ud55c", "\ud55c"}};
  for (char32_t c = 0x20; c < 0x20000; c += c < 0x3000 ? 1 : 13) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string character;
    text::append_code_point(character, c);
    for (const auto& [before, after] : around) {
      const std::string text = fmt::format("{}{}{}", before, character, after);
      const std::string rules = joined(words_by_rules(text));
      if (text::word_class(c) == text::WordClass::dictionary || is_odd(text)) continue;
      CHECK_MESSAGE(rules == joined(words_by_icu(breaker, text)), static_cast<uint32_t>(c));
    }
  }
}

TEST_CASE("a cluster takes the step of its base") {
  CHECK(word_step(WordState::outside, "e\u0301").next == WordState::letter);
  CHECK(word_step(WordState::letter, "\u0915\u094d\u0937\u093f").kind == Kind::goes_on);
  CHECK(word_step(WordState::letter, "\U0001f469\u200d\U0001f680").kind == Kind::ends);
  CHECK(word_step(WordState::letter, "\r\n").kind == Kind::ends);
  CHECK(word_step(WordState::outside, "1\ufe0f\u20e3").next == WordState::number);
  CHECK(word_step(WordState::letter, "\u0e01\u0e33").kind == Kind::ask);
}

TEST_CASE("word_at_end finds the word in progress and what may join it") {
  struct Row {
    std::string text, begun;
    WordState state;
  };
  const std::vector<Row> table{
      {"The cat", "cat", WordState::letter},
      {"The cat ", "", WordState::outside},
      {"", "", WordState::outside},
      {"I don'", "", WordState::letter_mid},
      {"I don't", "don't", WordState::letter},
      {"He said \"", "", WordState::outside},
      {"3.", "", WordState::number_mid},
      {"a _", "", WordState::lone_underscore},
      {"well-kn", "kn", WordState::letter},
      {"\u6211\u559c\u6b22\u732b", "\u732b", WordState::dictionary},
      {"the end.\n", "", WordState::outside},
      {"x\u00a0y", "y", WordState::letter},
  };
  text::WordBreaker breaker;
  for (const Row& row : table) {
    const WordAtEnd at = word_at_end(row.text, breaker);
    CHECK_MESSAGE(at.begun() == row.begun, row.text);
    CHECK_MESSAGE(at.state == row.state, row.text);
  }
}

}  // namespace
}  // namespace inkling::generate
