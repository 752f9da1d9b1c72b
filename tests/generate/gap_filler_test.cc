#include "generate/gap_filler.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "generate/continuations.h"
#include "generate/prompt.h"
#include "generate/shares.h"
#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

// ln of the probability of `text` behind the first `from` of its characters, one at a time.
double nats_of(NextCharacter& model, const std::string& text, size_t from) {
  const std::vector<text::Token> tokens = prompt_tokens(model.tokenizer(), text);
  std::vector<float> logits(static_cast<size_t>(model.vocabulary().size()));
  model.reset(0);
  double nats = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i >= from) nats += log_share(logits, tokens[i], model.vocabulary().unknown());
    model.read(0, std::span(tokens).subspan(i, 1), logits);
  }
  return nats;
}

TEST_CASE("continuations of every length are scored as each by itself") {
  const text::Tokenizer tokenizer = testing::tokenizer_of("abc .");
  auto model = testing::random_model(tokenizer, 1, 3);
  std::vector<float> logits(static_cast<size_t>(tokenizer.vocabulary().size()));
  model.read(0, prompt_tokens(tokenizer, "ab "), logits);
  std::vector<std::string> texts{"", "a", "abc", "a. b cab", "ccc"};
  for (int i = 0; i < 100; ++i) texts.push_back(texts[static_cast<size_t>(i)] + "c");
  std::vector<Continuation> all;
  all.reserve(texts.size());
  for (const std::string& text : texts) all.push_back({tokenizer.encode(text).tokens});
  score(model, {0, logits}, all);
  for (size_t i = 0; i < texts.size(); ++i) {
    CHECK(std::abs(all[i].log_probability - nats_of(model, "ab " + texts[i], 3)) < 1e-9);
  }
}

TEST_CASE("a gap is filled by the probability of the whole text") {
  // Behind "the" a cat comes more often, but of the two only a hen lays.
  const std::string story =
      " the cat sat. the cat ran. the cat sat. the hen lays eggs. the dog sat. the hen lays eggs. ";
  const text::Tokenizer tokenizer = testing::tokenizer_of(story);
  auto model = testing::counted_model(tokenizer, story, 6);
  GapFiller filler(model);
  const FillResult lays = filler.fill(" the ___ lays eggs", {.k = 2});
  CHECK(lays.left == " the ");
  CHECK(lays.right == " lays eggs");
  REQUIRE(lays.fillings.size() == 2);
  CHECK(lays.fillings[0].word == "hen");
  CHECK(lays.fillings[0].share > 0.99);
  CHECK(filler.fill(" the ___ sat", {}).fillings[0].word == "cat");

  double sum = 0;
  for (const Filling& filling : filler.fill(" the ___ sat", {.k = 1000}).fillings) {
    sum += filling.share;
    const double nats = nats_of(model, " the " + filling.insert + " sat", 5);
    CHECK(std::abs(filling.log_probability - nats) < 1e-9);
  }
  CHECK(std::abs(sum - 1) < 1e-9);
}

TEST_CASE("a gap may begin the text, join a begun word, or change its last letter") {
  const std::string story = "Hens lay. Cats caf\u00e9s caf\u00e9s cars. Hens lay. Cats sit. ";
  auto model = testing::counted_model(testing::tokenizer_of(story), story, 8);
  GapFiller filler(model);
  CHECK(filler.fill("___ lay", {}).fillings[0].word == "Hens");
  CHECK(filler.fill("H___ lay", {}).fillings[0].insert == "ens");
  const Filling cafes = filler.fill("Cats cafe___ cars", {}).fillings[0];
  CHECK(cafes.word == "caf\u00e9s");
  CHECK(cafes.insert == "\u0301s");
  CHECK(std::abs(cafes.log_probability - (nats_of(model, "Cats caf\u00e9s cars", 8) -
                                          nats_of(model, "Cats cafe", 8))) < 1e-9);
}

TEST_CASE("what cannot be filled is refused with a sentence") {
  auto model = testing::random_model(testing::tokenizer_of("ab "), 1);
  GapFiller filler(model);
  for (const char* text : {"a b", "a ___ b ___ a", "a ___", "", "___"}) {
    CHECK_THROWS_AS(filler.fill(text, {}), UsageError);
  }
}

}  // namespace
}  // namespace inkling::generate
