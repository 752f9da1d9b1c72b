#include "generate/interruptible_next_character.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "generate/completer.h"
#include "generate/generator.h"
#include "generate/read_text.h"
#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

const text::Tokenizer& tokenizer() {
  static const text::Tokenizer made = testing::tokenizer_of("abcdefgh .\n");
  return made;
}

// A random model of which `left` more uses are allowed.
struct Stoppable {
  testing::FakeNextCharacter model = testing::random_model(tokenizer(), 1, 10000);
  int left = 1 << 30;
  InterruptibleNextCharacter next{model, [this] {
                                    if (left-- == 0) throw std::runtime_error("stopped");
                                  }};
};

TEST_CASE("what was stopped anywhere can be used again, and holds no more slots") {
  const auto words = [](Completer& completer, const std::string& text) {
    std::string all;
    for (const Completion& word : completer.complete(text, {.k = 5}).completions) {
      all += word.insert + "|";
    }
    return all;
  };
  const std::string text = std::string(600, 'a') + " bc d";
  Stoppable calm, stopped;
  Completer plain(calm.next), completer(stopped.next);
  const std::string expected = words(plain, text);
  CHECK(words(completer, text) == expected);
  // Stops at the first use of the model, at the second, and so on, until it gets by; how often.
  const auto stop_everywhere = [&](const std::string& other) {
    for (int stops = 0;; ++stops) {
      stopped.left = stops;
      bool got_by = true;
      try {
        words(completer, other);
      } catch (const std::runtime_error&) {
        got_by = false;
      }
      stopped.left = 1 << 30;
      CHECK(words(completer, text) == expected);
      if (got_by) return stops;
    }
  };
  const std::string other = std::string(600, 'b') + " cd e";
  CHECK(stop_everywhere(other) > 4);
  const int64_t slots = stopped.next.slots();
  for (int i = 0; i < 20; ++i) CHECK(stop_everywhere(other) > 4);
  CHECK(stopped.next.slots() == slots);
}

TEST_CASE("a text that was stopped goes on where it was read to") {
  Stoppable model;
  SlotPool slots(model.next);
  ReadText text(model.next, slots);
  const std::vector<text::Token> tokens(1000, 3);
  model.left = 2;
  CHECK_THROWS(text.read(tokens));
  model.left = 3;  // up to 768, 999 and 1000: what was read before is kept
  text.read(tokens);
  std::vector<float> logits(text.end().logits.size());
  model.model.read(0, tokens, logits);
  CHECK(std::equal(logits.begin(), logits.end(), text.end().logits.begin()));
}

TEST_CASE("a generator reads with what was read before, and writes the same") {
  const auto write = [](Generator& generator, const std::string& prompt) {
    std::string written;
    generator.write(prompt, 0, [&](std::string_view piece) {
      written += piece;
      return true;
    });
    return written;
  };
  Stoppable calm, model;
  SlotPool slots(model.next);
  ReadText text(model.next, slots);
  for (const std::string prompt : {"abc", "abc d", "abc de", "ab", ""}) {
    Generator plain(calm.next, {}, {.n = 50}, 7), reading(model.next, {}, {.n = 50}, 7);
    reading.read_with(text);
    CHECK(write(reading, prompt) == write(plain, prompt));
  }
}

}  // namespace
}  // namespace inkling::generate
