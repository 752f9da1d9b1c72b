#include "generate/phrase_beam.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "generate/completer.h"
#include "generate/continuations.h"
#include "generate/prompt.h"
#include "support/fake_next_character.h"

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
    sum += phrase.probability();
  }
  CHECK(sum + result.open_mass <= 1 + 1e-9);
  CHECK(result.completions[1].probability() <= best.probability());
}

TEST_CASE("phrases of a budget that ends early are shorter") {
  auto model = testing::counted_model(testing::tokenizer_of(story), story, 9);
  Completer completer(model);
  const CompletionResult result =
      completer.complete(" the ", {.k = 3, .words = 20, .max_expansions = 200});
  CHECK(result.expansions <= 200);
  REQUIRE_FALSE(result.completions.empty());
  CHECK(result.completions[0].words.size() < 20);
  CHECK(completer.complete(" the ", {.k = 1, .words = 1}).completions[0].words.size() == 1);
}

}  // namespace
}  // namespace inkling::generate
