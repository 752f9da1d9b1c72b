#include "generate/learning_model.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/stepped_loss.h"

namespace inkling::generate {
namespace {

// The nats of `text`, read from the initial state.
double nats_of_text(NextCharacter& model, const std::string& text) {
  const std::vector<text::Token> tokens = model.tokenizer().encode(text).tokens;
  std::vector<float> logits(static_cast<size_t>(model.vocabulary().size()));
  double nats = 0;
  model.reset(0);
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    model.read(0, std::span(tokens).subspan(i, 1), logits);
    nats += testing::nats_of(logits, tokens[i + 1]);
  }
  return nats;
}

TEST_CASE("what a learning model writes follows what it has learned, and the trained one stays") {
  for (const int64_t context : {0, 7}) {
    for (const bool documents : {false, true}) {
      const model::LanguageModel trained = testing::sample_model_of(
          {.cell = nn::CellKind::gru, .documents = documents, .context = context});
      const std::vector<float> weights = trained.weights;
      LearningModel model(trained, {.rate = 0.01, .every = 8}, nn::Precision::f32, 1);
      const double before = nats_of_text(model.next_character(), "abcdabcdabcd");
      model.take("ddddccccbbbb", false);
      CHECK(model.steps() == 0);
      CHECK(nats_of_text(model.next_character(), "abcdabcdabcd") == before);
      for (int i = 0; i < 20; ++i) model.take("abcdabcd", true);
      CHECK(model.steps() >= 19);
      CHECK(nats_of_text(model.next_character(), "abcdabcdabcd") < 0.7 * before);
      CHECK(trained.weights == weights);

      const model::LanguageModel learned = model.learned();
      CHECK(learned.weights != weights);
      CHECK(std::isnan(learned.history.val_loss));
      CHECK(std::isnan(learned.history.train_loss));
      CHECK(learned.history.command.find("adapted at the prompt to 160 characters") !=
            std::string::npos);
      ModelNextCharacter again(learned, nn::Precision::f32, 1);
      CHECK(nats_of_text(again, "abcdabcdabcd") ==
            nats_of_text(model.next_character(), "abcdabcdabcd"));
    }
  }
}

TEST_CASE("a new text begins anew, with what was learned and what still waited") {
  const model::LanguageModel trained = testing::sample_model_of({.cell = nn::CellKind::lstm});
  LearningModel model(trained, {.rate = 0.01, .every = 8}, nn::Precision::f32, 1);
  const double before = nats_of_text(model.next_character(), "abab");
  model.take("ababa", true);
  CHECK(model.steps() == 0);
  model.begin();
  CHECK(model.steps() == 1);
  CHECK(nats_of_text(model.next_character(), "abab") < before);
}

}  // namespace
}  // namespace inkling::generate
