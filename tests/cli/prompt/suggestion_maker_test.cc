#include "cli/prompt/suggestion_maker.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "support/fake_next_character.h"

using namespace inkling;
using inkling::testing::FakeNextCharacter;

namespace {

// Writes "Ab." or, less often, "Bb." after an empty line, and otherwise wants one.
FakeNextCharacter model_of_paragraphs() {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"\n", ".", "A", "B", "b"});
  const auto token = [&](const char* character) {
    return tokenizer.vocabulary().find(character).value();
  };
  const text::Token feed = token("\n"), stop = token("."), a = token("A"), b = token("B"),
                    end = token("b");
  return {tokenizer, 2, [=](const FakeNextCharacter::History& history, std::span<float> logits) {
            std::fill(logits.begin(), logits.end(), -20.0F);
            const auto likely = [&](text::Token next, float logit) {
              logits[static_cast<size_t>(next)] = logit;
            };
            const text::Token last = history.back();
            if (last == feed && history.size() == 2 && history.front() == feed) {
              likely(a, 2);
              likely(b, 0);
            } else if (last == a || last == b) {
              likely(end, 5);
            } else {
              likely(last == end ? stop : feed, 5);
            }
          }};
}

// Writes this character without end, but for a while after which it gives up.
FakeNextCharacter model_of_one(const std::string& character) {
  const text::Tokenizer tokenizer = testing::make_tokenizer({character, "a"});
  const text::Token token = tokenizer.vocabulary().find(character).value();
  constexpr size_t very_long = 5000;
  return {tokenizer, very_long,
          [=](const FakeNextCharacter::History& history, std::span<float> logits) {
            if (history.size() == very_long) throw std::runtime_error("it does not end");
            std::fill(logits.begin(), logits.end(), -20.0F);
            logits[static_cast<size_t>(token)] = 5;
          }};
}

edit::Advice last_advice(FakeNextCharacter model, const std::string& context, bool empty_line,
                         bool greedy = false) {
  generate::SlotPool slots(model);
  generate::ReadText text(model, slots);
  cli::SuggestionMaker maker(model, text);
  edit::Advice last;
  maker.make({.context = context, .empty_line = empty_line, .greedy = greedy},
             [&](edit::Advice advice) { last = std::move(advice); });
  return last;
}

}  // namespace

TEST_CASE("where the model would leave a line empty, what stands below it is on offer") {
  for (const std::string context : {"", "Ab.", "Ab.\n", "Ab.\n\n"}) {
    CAPTURE(context);
    const edit::Advice advice = last_advice(model_of_paragraphs(), context, true);
    REQUIRE(advice.continuations.size() >= 2);
    CHECK(advice.continuations[0].text == "Ab.");
    CHECK(advice.continuations[1].text == "Bb.");
    REQUIRE(advice.chances.size() >= 2);
    CHECK(advice.chances[0].word == "Ab");
    CHECK(advice.chances[0].note == "88 %");
  }
  // Behind what was typed, a new line is nothing that could be taken.
  CHECK(last_advice(model_of_paragraphs(), "Ab.", false).continuations.empty());
}

TEST_CASE("a word wider than there is room is not cut within") {
  constexpr size_t letters = 70;
  const text::Tokenizer tokenizer = testing::make_tokenizer({" ", "a"});
  const text::Token blank = *tokenizer.vocabulary().find(" "),
                    a = *tokenizer.vocabulary().find("a");
  const FakeNextCharacter model(
      tokenizer, letters, [=](const FakeNextCharacter::History& history, std::span<float> logits) {
        std::fill(logits.begin(), logits.end(), -20.0F);
        const bool ends = history.size() == letters &&
                          std::count(history.begin(), history.end(), a) == int64_t{letters};
        logits[static_cast<size_t>(ends ? blank : a)] = 5;
      });
  const edit::Advice advice = last_advice(model, "a ", false);
  REQUIRE_FALSE(advice.continuations.empty());
  CHECK(advice.continuations[0].text == std::string(letters, 'a'));
}

TEST_CASE("a continuation ends with the document") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b"}, true);
  const text::Vocabulary& vocabulary = tokenizer.vocabulary();
  const text::Token a = *vocabulary.find("a"), b = *vocabulary.find("b"), end = vocabulary.end();
  const FakeNextCharacter model(
      tokenizer, 1, [=](const FakeNextCharacter::History& history, std::span<float> logits) {
        std::fill(logits.begin(), logits.end(), -20.0F);
        const text::Token last = history.back();
        logits[static_cast<size_t>(last == a ? b : last == b ? end : a)] = 5;
      });
  const edit::Advice advice = last_advice(model, "a", false);
  REQUIRE_FALSE(advice.continuations.empty());
  CHECK(advice.continuations[0].text == "b");
}

TEST_CASE("a continuation that takes no room ends all the same") {
  for (const std::string character : {"\t", "\u200b", "\u0301"}) {
    CAPTURE(character);
    const edit::Advice advice = last_advice(model_of_one(character), "a", false);
    for (const edit::Continuation& continuation : advice.continuations) {
      CHECK(continuation.text.size() < 100);
    }
  }
}

TEST_CASE("a word that another one begins with is an alternative of its own") {
  const std::string story = "on the matting. on the mat. on the matting. on the man. ";
  const text::Tokenizer tokenizer = testing::tokenizer_of(story);
  const edit::Advice advice =
      last_advice(testing::counted_model(tokenizer, story, 10), "on the ", false);
  REQUIRE(advice.chances.size() >= 3);
  CHECK(advice.chances[0].word == "matting");
  CHECK(advice.chances[0].continuation == 0);
  CHECK(advice.continuations[0].text.starts_with("matting. "));
  CHECK(advice.continuations[0].first_word == 7);
  CHECK(advice.chances[1].word == "mat");
  const int other = advice.chances[1].continuation;
  REQUIRE(other > 0);
  CHECK(advice.continuations[static_cast<size_t>(other)].text == "mat");
}

TEST_CASE("what is likely behind a word stands among the words, which count their space") {
  for (const std::string mark : {":", ",", "."}) {
    CAPTURE(mark);
    const std::string once = "I say" + mark + " so. ", story = once + once + once + "I say so. ";
    const text::Tokenizer tokenizer = testing::tokenizer_of(story);
    const edit::Advice advice =
        last_advice(testing::counted_model(tokenizer, story, 10), "I say", false);
    REQUIRE(advice.chances.size() >= 2);
    CHECK(advice.chances[0].word == mark);
    CHECK(advice.chances[0].note == "75 %");
    CHECK(advice.chances[0].continuation == 0);
    CHECK(advice.continuations[0].text.starts_with(mark));
    CHECK(advice.chances[1].word == "so");
    CHECK(advice.chances[1].note == "25 %");
  }
}

TEST_CASE("where the most probable is written, it comes first") {
  // "to" is the most probable word, "s" the most probable letter.
  const std::string story = "I to. I to. I sat. I sit. I sot. ";
  const text::Tokenizer tokenizer = testing::tokenizer_of(story);
  const auto advice = [&](bool greedy) {
    return last_advice(testing::counted_model(tokenizer, story, 10), "I ", false, greedy);
  };
  CHECK(advice(false).continuations[0].text == "to.");
  CHECK(advice(true).continuations[0].text.starts_with("s"));
  CHECK(advice(true).chances[0].word == "to");
}

TEST_CASE("a continuation ends before it is a mere guess, and behind its first word") {
  std::string story;
  for (const char* word : {"ab", "cd", "ef", "gh", "ij", "kl", "mn", "op", "qr", "st"}) {
    for (const char* next : {"ab", "cd", "ef", "gh", "ij", "kl", "mn", "op", "qr", "st"})
      story += std::string(word) + " " + next + " ";
  }
  const text::Tokenizer tokenizer = testing::tokenizer_of(story);
  // One word in ten is as probable as the next.
  const edit::Advice advice =
      last_advice(testing::counted_model(tokenizer, story, 1), "ab ", false);
  REQUIRE_FALSE(advice.continuations.empty());
  const std::string& text = advice.continuations[0].text;
  CHECK(std::count(text.begin(), text.end(), ' ') >= 1);
  CHECK(std::count(text.begin(), text.end(), ' ') <= 3);
}
