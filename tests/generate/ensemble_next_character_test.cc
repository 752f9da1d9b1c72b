#include "generate/ensemble_next_character.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/fake_next_character.h"
#include "support/stepped_loss.h"

namespace inkling::generate {
namespace {

double probability(std::span<const float> logits, text::Token token) {
  return std::exp(-testing::nats_of(logits, token));
}

TEST_CASE("an ensemble gives the mean of its members' probabilities, in every slot") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b", "c", "d"});
  const auto vocab_size = static_cast<size_t>(tokenizer.vocabulary().size());
  auto one = testing::random_model(tokenizer, 1), two = testing::random_model(tokenizer, 2, 1, 4);
  std::vector<std::unique_ptr<NextCharacter>> members;
  members.push_back(std::make_unique<testing::FakeNextCharacter>(one));
  members.push_back(std::make_unique<testing::FakeNextCharacter>(two));
  EnsembleNextCharacter both(std::move(members));
  std::vector<NextCharacter*> all{&one, &two, &both};
  std::vector<std::vector<float>> logits;
  for (NextCharacter* model : all) {
    model->resize(3);
    logits.emplace_back(2 * vocab_size);
    const std::vector<text::Token> prompt{0, 1};
    model->reset(0);
    model->read(0, prompt, std::span(logits.back()).first(vocab_size));
    model->copy(0, 2);
    const std::vector<int64_t> slots{2, 0};
    const std::vector<text::Token> tokens{3, 2};
    model->step(slots, tokens, logits.back());
  }
  for (const size_t row : {size_t{0}, vocab_size}) {
    for (text::Token token = 0; token < tokenizer.vocabulary().size(); ++token) {
      const auto p = [&](size_t model) {
        return probability(std::span(logits[model]).subspan(row, vocab_size), token);
      };
      CHECK(p(2) == doctest::Approx((p(0) + p(1)) / 2).epsilon(1e-6));
    }
  }
  // Behind nothing there is nothing to predict.
  const std::vector<float> before = logits.back();
  both.read(0, {}, std::span(logits.back()).first(vocab_size));
  CHECK(logits.back() == before);
}

TEST_CASE("an ensemble of one is that model") {
  const text::Tokenizer tokenizer = testing::make_tokenizer({"a", "b"});
  auto alone = testing::random_model(tokenizer, 1);
  std::vector<std::unique_ptr<NextCharacter>> members;
  members.push_back(std::make_unique<testing::FakeNextCharacter>(alone));
  EnsembleNextCharacter one(std::move(members));
  std::vector<float> expected(3), logits(3);
  const text::Token token = 1;
  alone.read(0, {&token, 1}, expected);
  one.read(0, {&token, 1}, logits);
  CHECK(logits == expected);
  const int64_t slot = 0;
  alone.step({&slot, 1}, {&token, 1}, expected);
  one.step({&slot, 1}, {&token, 1}, logits);
  CHECK(logits == expected);
}

}  // namespace
}  // namespace inkling::generate
