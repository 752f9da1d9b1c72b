#include "generate/sampler.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>

#include "support/fake_next_character.h"

namespace inkling::generate {
namespace {

SamplingOptions plain() { return {.temp = 1, .top_k = 0, .top_p = 1, .min_p = 0}; }

std::vector<float> logits_of(const std::vector<double>& probs) {
  std::vector<float> logits;
  for (const double p : probs) logits.push_back(static_cast<float>(std::log(p)));
  return logits;
}

TEST_CASE("pick finds the candidate whose part of 0 to 1 holds the coin") {
  const Candidates candidates{{.token = 5, .logit = 0, .p = 0.5},
                              {.token = 6, .logit = 0, .p = 0},
                              {.token = 7, .logit = 0, .p = 0.5}};
  const std::vector<std::pair<double, size_t>> table{
      {0, 0}, {0.49, 0}, {0.5, 2}, {0.99, 2}, {1.0, 2}};
  for (const auto& [coin, index] : table) CHECK(pick(candidates, coin) == index);
}

TEST_CASE("characters are drawn as often as their probabilities say") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  Sampler sampler(plain(), tokenizer.vocabulary());
  const std::vector<float> logits = logits_of({.2, .3, .5, 1});
  Random random(1);
  std::map<text::Token, int> drawn;
  const int n = 20000;
  for (int i = 0; i < n; ++i) ++drawn[sampler.draw(logits, random)];
  CHECK(drawn.size() == 3);
  CHECK(std::abs(drawn[0] - .2 * n) < 300);
  CHECK(std::abs(drawn[2] - .5 * n) < 300);
}

TEST_CASE("<unk> is never drawn, the end token where there is one") {
  const text::Tokenizer with_end = testing::make_tokenizer({"a", "b"}, true);
  Sampler sampler(plain(), with_end.vocabulary());
  Random random(1);
  bool ended = false;
  for (int i = 0; i < 200; ++i) {
    const text::Token token = sampler.draw(logits_of({.1, .1, .4, .9}), random);
    CHECK(token != with_end.vocabulary().unknown());
    ended = ended || token == with_end.vocabulary().end();
  }
  CHECK(ended);
}

TEST_CASE("temperature comes after the filters, as in llama.cpp") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  SamplingOptions options = plain();
  options.top_p = 0.75;
  options.temp = 100;
  Sampler sampler(options, tokenizer.vocabulary());
  Random random(1);
  sampler.draw(logits_of({.1, .5, .4, 1}), random);
  REQUIRE(sampler.candidates().size() == 2);  // temperature first would let all three in
  CHECK(std::abs(sampler.candidates()[0].p - 0.5) < 0.01);
}

TEST_CASE("temperature 0 is greedy and takes nothing from the generator") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  SamplingOptions options = plain();
  options.temp = 0;
  Sampler sampler(options, tokenizer.vocabulary());
  Random random(9);
  CHECK(sampler.draw(logits_of({.1, .6, .3, 1}), random) == 1);
  CHECK(random.state() == Random(9).state());
}

TEST_CASE("the repetition penalty looks back repeat_last_n characters") {
  struct Row {
    int64_t last_n;
    std::vector<text::Token> read;
    text::Token best;
  };
  const std::vector<Row> table{{0, {0, 0}, 0}, {1, {0}, 1},           {1, {0, 2}, 0},
                               {2, {0, 2}, 1}, {-1, {0, 2, 2, 2}, 1}, {2, {0, 0, 2, 2}, 0}};
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c"});
  for (const Row& row : table) {
    SamplingOptions options = plain();
    options.temp = 0;
    options.repeat_penalty = 3;
    options.repeat_last_n = row.last_n;
    Sampler sampler(options, tokenizer.vocabulary());
    for (const text::Token token : row.read) sampler.accept(token);
    Random random(1);
    CHECK(sampler.draw(std::vector<float>{2, 1, 0, 9}, random) == row.best);
    sampler.reset();
    CHECK(sampler.draw(std::vector<float>{2, 1, 0, 9}, random) == 0);
  }
}

TEST_CASE("a model that predicts no number is refused with a sentence") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b"});
  Sampler sampler(plain(), tokenizer.vocabulary());
  Random random(1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(sampler.draw(std::vector<float>{0, nan, 0}, random), DataError);
  CHECK_THROWS_AS(sampler.draw(std::vector<float>{infinity, 0, 0}, random), DataError);
  CHECK_THROWS_AS(sampler.draw(std::vector<float>{-infinity, -infinity, 0}, random), DataError);
}

TEST_CASE("sampling options: defaults are llama.cpp's, seeds differ, nonsense is refused") {
  const SamplingOptions options;
  CHECK(options.temp == 0.8);
  CHECK(options.top_k == 40);
  CHECK(options.top_p == 0.95);
  CHECK(options.min_p == 0.05);
  CHECK(options.chosen_seed() != options.chosen_seed());
  CHECK(SamplingOptions{.seed = 7}.chosen_seed() == 7);
  SamplingOptions broken;
  broken.temp = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(broken.validate(), UsageError);
}

}  // namespace
}  // namespace inkling::generate
