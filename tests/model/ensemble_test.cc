#include "model/ensemble.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "support/refusal.h"
#include "support/stepped_loss.h"

namespace inkling::model {
namespace {

using testing::refusal;
using testing::sample_model_of;
using testing::says;

std::vector<LanguageModel> three_models() {
  return {sample_model_of({.cell = nn::CellKind::lstm}),
          sample_model_of({.cell = nn::CellKind::gru, .layer_norm = true}),
          sample_model_of({.cell = nn::CellKind::rnn, .context = 6})};
}

TEST_CASE("an ensemble charges the mean of its models' probabilities") {
  const std::vector<LanguageModel> models = three_models();
  const text::CorpusPart part =
      text::make_part({{"text", testing::random_letters(120), 0}}, models.front().tokenizer);
  for (const int64_t window : {0, 9}) {
    const EvaluateOptions how{.window = window, .precision = nn::Precision::f32, .threads = 1};
    std::map<int64_t, double> expected;
    for (const LanguageModel& model : models) {
      evaluate(model, part, how, [&](int64_t position, text::Token, double nats) {
        expected[position] += std::exp(-nats) / 3;
      });
    }
    std::map<int64_t, double> scores;
    const auto set = [&](int64_t position, text::Token token, double nats) {
      CHECK(token == part.text.tokens[static_cast<size_t>(position)]);
      scores[position] = nats;
    };
    ProbabilityCheck check;
    const nn::LossSum loss = evaluate_ensemble(models, part, how, set, &check);
    REQUIRE(scores.size() == 119);
    CHECK(loss.count == 119);
    CHECK(check.positions == 119);
    CHECK(check.largest_error < 1e-5);
    double nats = 0;
    for (const auto& [position, score] : scores) {
      CHECK(score == doctest::Approx(-std::log(expected.at(position))).epsilon(1e-9));
      nats += score;
    }
    CHECK(loss.nats == doctest::Approx(nats).epsilon(1e-12));
    CHECK(evaluate_ensemble(models, part, how).nats == loss.nats);  // unchecked
  }
  const EvaluateOptions how{.precision = nn::Precision::f32, .threads = 1};
  CHECK(evaluate_ensemble(std::span(models).first(1), part, how).nats ==
        evaluate(models.front(), part, how).nats);
}

TEST_CASE("how much is scored is told on the way, of all models together") {
  const std::vector<LanguageModel> models = three_models();
  const text::CorpusPart part =
      text::make_part({{"text", testing::random_letters(1000), 0}}, models.front().tokenizer);
  for (const size_t count : {1, 3}) {
    for (const EvaluateOptions& how :
         {EvaluateOptions{}, EvaluateOptions{.window = 50}, EvaluateOptions{.streams = 4}}) {
      EvaluateOptions options = how;
      options.precision = nn::Precision::f32, options.threads = 1;
      std::vector<int64_t> told;
      options.scored = [&](int64_t scored) { told.push_back(scored); };
      evaluate_ensemble(std::span(models).first(count), part, options);
      CHECK(std::is_sorted(told.begin(), told.end()));
      REQUIRE(told.size() == 3 * count);  // every 256 of the 999 that each predicts
      CHECK(told.front() == 256);
      CHECK(told.back() == static_cast<int64_t>(count - 1) * 999 + 768);
    }
  }
}

TEST_CASE("models of other characters are refused, with what differs") {
  const nn::NetworkSpec network = nn::NetworkSpec::chain(2, 0, nn::CellKind::gru, 1, 4);
  const auto message = [&](const LanguageModel& other) {
    const std::vector<LanguageModel> models{testing::sample_model(network, {"a", "b"}), other};
    const std::vector<std::string> names{"one", "two"};
    return refusal([&] { require_same_characters(models, names); });
  };
  const auto with = [&](std::vector<std::string> characters, text::TextOptions options = {}) {
    return testing::sample_model(network, std::move(characters), options);
  };
  CHECK(message(with({"a", "b"})).empty());
  CHECK(says(message(with({"a", "b", "c"})), "beside one, two has a character \"c\""));
  CHECK(says(message(with({"a"})), "two has no character \"b\""));
  CHECK(says(message(with({"b", "a"})), "another order"));
  CHECK(says(message(with({"a", "b"}, {.unit = text::Unit::codepoint})), "the unit codepoint"));
  CHECK(says(message(with({"a", "b"}, {.normalize = text::Normalization::nfkc})), "normalisation"));
  CHECK(says(message(with({"a", "b"}, {.documents = text::Documents::line})), "documents"));
  // How often the characters occurred does not matter.
  LanguageModel counted = with({"a", "b"});
  counted.tokenizer = text::Tokenizer({}, text::Vocabulary({{"a", 1}, {"b", 2}}, 3, std::nullopt));
  CHECK(message(counted).empty());
}

}  // namespace
}  // namespace inkling::model
