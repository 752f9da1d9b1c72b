#include "generate/recent_text.h"

#include <doctest/doctest.h>

#include <string>

#include "generate/completer.h"
#include "generate/generator.h"
#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

TEST_CASE("of a long text the end is read, from a code point on, and as it grows from the same") {
  const std::string exact(4096, 'a');
  CHECK(recent_text(exact) == exact);
  CHECK(recent_text("").empty());
  std::string text = exact;
  for (int grown = 1; grown <= 1024; ++grown) {
    text += 'b';
    REQUIRE(recent_text(text) == std::string_view(text).substr(1024));
  }
  text += 'b';
  CHECK(recent_text(text) == std::string_view(text).substr(2048));

  std::string wide;
  while (wide.size() < 5000) wide += "\u20ac";  // of three bytes, which 1024 does not divide
  const std::string_view recent = recent_text(wide);
  CHECK(recent.starts_with("\u20ac"));
  CHECK(recent.size() % 3 == 0);
  CHECK(recent.size() > 3 * 1024);
}

// What the model of each test has read, behind a prompt of 100,000 characters.
const std::string prompt = "b" + std::string(100000, 'a');
constexpr size_t all = 1000000;

TEST_CASE("a long prompt is read in no more time than 4 KiB, but repetitions are found in all") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b"});
  const auto a = static_cast<size_t>(tokenizer.vocabulary().find("a").value()),
             b = static_cast<size_t>(tokenizer.vocabulary().find("b").value());
  size_t longest = 0;
  testing::FakeNextCharacter model(tokenizer, all,
                                   [&](const auto& history, std::span<float> logits) {
                                     std::fill(logits.begin(), logits.end(), -9.0F);
                                     logits[a] = 2, logits[b] = 1;
                                     longest = std::max(longest, history.size());
                                   });
  SamplingOptions sampling;
  sampling.presence_penalty = 5;
  sampling.repeat_last_n = -1;
  sampling.temp = 0;
  std::string written;
  Generator generator(model, sampling, {.n = 1}, 1);
  generator.write(prompt, 0, [&](std::string_view piece) {
    written += piece;
    return true;
  });
  // Were the b at the prompt's begin not punished as the many a are, b would be more probable.
  CHECK(written == "a");
  CHECK(longest <= 4096);
  CHECK(longest > 3 * 1024);

  longest = 0;
  Completer(model).complete(prompt + " ", {.k = 1, .max_expansions = 1});
  CHECK(longest <= 4096 + 2);
}

}  // namespace
}  // namespace inkling::generate
