#include "generate/phrase_beam.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "generate/completer.h"
#include "generate/continuations.h"
#include "generate/prompt.h"
#include "support/all_texts.h"
#include "support/fake_next_character.h"
#include "text/utf8.h"

namespace inkling::generate {
namespace {

const std::string story =
    " the cat sat on the mat. the cat sat on a hat. the dog ran, and the cat sat on the mat. the ";

TEST_CASE("a phrase is as probable as its characters and the end of its last word") {
  const text::Tokenizer tokenizer = testing::tokenizer_of(story);
  const std::string prompt = " the ";
  auto model = testing::counted_model(tokenizer, story, 9);
  Completer completer(model);
  const CompletionResult result = completer.complete(prompt, {.k = 3, .words = 3});
  REQUIRE(result.completions.size() == 3);
  const Completion& best = result.completions[0];
  CHECK(best.insert == "cat sat on");
  CHECK(best.words == std::vector<std::string>{"cat", "sat", "on"});
  CHECK(std::abs(best.probability() - 3 / 6.) < 1e-3);
  CHECK_FALSE(result.proven);

  std::vector<float> logits(static_cast<size_t>(tokenizer.vocabulary().size()));
  double sum = 0;
  for (const Completion& phrase : result.completions) {
    INFO(phrase.insert);
    CHECK(phrase.words.size() == 3);
    CHECK(phrase.insert.ends_with(phrase.word));
    model.reset(0);
    model.read(0, prompt_tokens(tokenizer, prompt), logits);
    Continuation characters{tokenizer.encode(phrase.insert).tokens};
    score(model, {0, logits}, {&characters, 1});
    double ends = 0;
    for (const Completion& c :
         completer.complete(prompt + phrase.insert, {.begun = true}).completions) {
      if (c.insert.empty()) ends = c.probability();
    }
    CHECK(std::abs(phrase.probability() - std::exp(characters.log_probability) * ends) < 2e-3);
    sum += phrase.low;
  }
  CHECK(sum + result.open_mass <= 1 + 1e-9);
  CHECK(result.completions[1].probability() <= best.probability());
}

TEST_CASE("a phrase may be shorter where the text ends behind it") {
  // Behind a space a or b, behind b a space, behind a that or the end.
  const text::Tokenizer tokenizer = testing::make_tokenizer({" ", "a", "b"}, true);
  testing::FakeNextCharacter model(
      tokenizer, 1,
      [&](const testing::FakeNextCharacter::History& history, std::span<float> logits) {
        const std::vector<std::vector<double>> shares{
            {0, .6, .4, 0}, {.25, 0, 0, .75}, {1, 0, 0, 0}, {0, 1, 0, 0}};
        const std::vector<double>& row = shares[static_cast<size_t>(history.back())];
        std::fill(logits.begin(), logits.end(), std::log(1e-9F));
        for (size_t i = 0; i < row.size(); ++i)
          logits[i] = static_cast<float>(std::log(row[i] + 1e-9));
      });
  Completer completer(model);
  const CompletionResult result = completer.complete("b ", {.k = 5, .words = 2});
  const std::vector<std::pair<std::string, double>> expected{
      {"a.", .45}, {"b a", .24}, {"b b", .16}, {"a a", .09}, {"a b", .06}};
  REQUIRE(result.completions.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const Completion& phrase = result.completions[i];
    CHECK(phrase.insert + (phrase.ends ? "." : "") == expected[i].first);
    CHECK(phrase.probability() == doctest::Approx(expected[i].second).epsilon(1e-4));
  }
  CHECK(result.completions[0].words == std::vector<std::string>{"a"});
  CHECK(result.open_mass < 1e-3);
  // It stays among those of three words.
  CHECK(completer.complete("b ", {.k = 1, .words = 3}).completions.front().ends);
}

TEST_CASE("miller's is one word of a phrase, not miller and s") {
  const std::string text =
      " miller's wife. miller's wife. miller's house. miller and. mill. miller's wife ";
  auto model = testing::counted_model(testing::tokenizer_of(text), text, 20);
  Completer completer(model);
  const CompletionResult result = completer.complete(" mill", {.k = 4, .words = 2, .begun = true});
  const std::vector<std::vector<std::string>> words{
      {"miller's", "wife"}, {"miller's", "house"}, {"miller", "and"}, {"mill", "miller's"}};
  REQUIRE(result.completions.size() == words.size());
  CHECK(result.completions[0].words == words[0]);
  CHECK(std::abs(result.completions[0].probability() - 3 / 6.) < 1e-4);
  for (const auto& expected : words) {
    bool found = false;
    for (const Completion& c : result.completions) {
      if (c.words != expected) continue;
      found = true;
      if (expected != words[0]) CHECK(std::abs(c.probability() - 1 / 6.) < 1e-4);
    }
    CHECK_MESSAGE(found, expected[1]);
  }
}

TEST_CASE("in bytes the half of a letter ends no word of a phrase") {
  const std::string text = " le caf\u00e9 noir. le caf\u00e9 noir. le caf bon. le ";
  auto model =
      testing::counted_model(testing::tokenizer_of(text, false, text::Unit::byte), text, 20);
  Completer completer(model);
  const CompletionResult result =
      completer.complete(" le caf", {.k = 2, .words = 2, .begun = true});
  REQUIRE(result.completions.size() == 2);
  CHECK(result.completions[0].words == std::vector<std::string>{"caf\u00e9", "noir"});
  CHECK(result.completions[1].words == std::vector<std::string>{"caf", "bon"});
  CHECK(std::abs(result.completions[0].probability() - 2 / 3.) < 1e-4);
  CHECK(std::abs(result.completions[1].probability() - 1 / 3.) < 1e-4);
}

TEST_CASE("phrases of a script without spaces have the words that its dictionary finds") {
  const std::string cats = "\u6211\u559c\u6b22\u732b\u3002",
                    dogs = "\u6211\u559c\u6b22\u72d7\u3002";
  const std::string text = cats + cats + dogs + cats;  // "I like cats."
  auto model = testing::counted_model(testing::tokenizer_of(text), text, 6);
  Completer completer(model);
  const CompletionResult result = completer.complete("\u3002\u6211", {.k = 2, .words = 2});
  REQUIRE(result.completions.size() == 2);
  CHECK(result.completions[0].words == std::vector<std::string>{"\u559c\u6b22", "\u732b"});
  CHECK(result.completions[1].words == std::vector<std::string>{"\u559c\u6b22", "\u72d7"});
  CHECK(std::abs(result.completions[0].probability() - 2 / 3.) < 1e-3);
}

// The probability of each phrase of two words by what it appends, as ICU divides all texts.
std::map<std::string, double> all_phrases(NextCharacter& model, const std::string& prompt,
                                          size_t length) {
  std::map<std::string, double> phrases;
  text::WordBreaker breaker;
  for (const auto& [text, p] : testing::all_texts(model, prompt, length)) {
    const std::string whole = text.substr(0, text::without_begun_code_point(text));
    int words = 0;
    for (const text::Segment& s : breaker.words(whole)) {
      const auto end = static_cast<size_t>(s.end);
      if (!s.is_word || end < prompt.size() || ++words < 2) continue;
      phrases[whole.substr(prompt.size(), end - prompt.size())] += p;
      break;
    }
  }
  return phrases;
}

TEST_CASE("bounds of a phrase hold what counting all texts finds, however small the budget") {
  const text::Tokenizer letters = testing::make_tokenizer({"a", "'", ".", " "});
  const text::Tokenizer bytes =
      testing::make_tokenizer({"a", "\xc3", "\xa9", " "}, false, text::Unit::byte);
  for (const text::Tokenizer& tokenizer : {letters, bytes}) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      constexpr size_t length = 8;
      auto model = testing::random_model(tokenizer, seed, 2, 1.5);
      const std::string prompt = "a a";
      const auto expected = all_phrases(model, prompt, length);
      Completer completer(model);
      size_t compared = 0;
      for (const int64_t budget : {60, 200, 4000}) {
        const CompletionResult result = completer.complete(
            prompt, {.k = 5, .words = 2, .begun = true, .max_expansions = budget});
        for (const Completion& c : result.completions) {
          // Texts so short leave open whether a longer phrase has ended.
          if (c.words.size() < 2 || c.insert.size() + 2 > length) continue;
          INFO("'" << c.insert << "' of " << budget << ", seed " << seed);
          REQUIRE(expected.contains(c.insert));
          CHECK(c.low <= expected.at(c.insert) + 1e-9);
          CHECK(c.high >= expected.at(c.insert) - 1e-9);
          if (budget == 4000) CHECK(c.high - c.low <= 1e-4 + 1e-12);
          ++compared;
        }
      }
      CHECK(compared >= 5);
    }
  }
}

TEST_CASE("each word of a phrase has the budget of one") {
  auto model = testing::counted_model(testing::tokenizer_of(story), story, 9);
  Completer completer(model);
  const CompletionResult result =
      completer.complete(" the ", {.k = 3, .words = 3, .max_expansions = 20});
  REQUIRE_FALSE(result.completions.empty());
  CHECK(result.completions[0].words.size() == 3);
}

TEST_CASE("phrases of a budget that ends early are shorter") {
  auto model = testing::counted_model(testing::tokenizer_of(story), story, 9);
  Completer completer(model);
  const CompletionResult result =
      completer.complete(" the ", {.k = 3, .words = 20, .max_expansions = 2});
  CHECK(result.expansions <= 20 * 2);
  REQUIRE_FALSE(result.completions.empty());
  CHECK(result.completions[0].words.size() < 20);
  CHECK(completer.complete(" the ", {.k = 1, .words = 1}).completions[0].words.size() == 1);
}

}  // namespace
}  // namespace inkling::generate
