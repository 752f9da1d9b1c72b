#include "model/adaptive_model.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "model/evaluate.h"
#include "nn/chunk_engine.h"
#include "nn/threads.h"
#include "support/stepped_loss.h"

namespace inkling::model {
namespace {

using testing::random_letters;
using testing::sample_model_of;
using testing::SampleModelOptions;

const std::vector<SampleModelOptions> models{
    {.cell = nn::CellKind::lstm},
    {.cell = nn::CellKind::gru, .layer_norm = true, .learned = true, .documents = true},
    {.cell = nn::CellKind::rnn, .embedding_size = 3},
    {.cell = nn::CellKind::lstm, .learned = true, .documents = true, .context = 9},
    {.cell = nn::CellKind::gru, .context = 5},
    {.cell = nn::CellKind::lstm, .stacks = 3},
};

text::CorpusPart part_of(const LanguageModel& model, const std::string& text) {
  return text::make_part({{"text", text, 0}}, model.tokenizer);
}

std::map<int64_t, double> scores_of(AdaptiveModel& model, std::span<const text::Token> tokens) {
  std::map<int64_t, double> scores;
  const auto set = [&](int64_t position, float nats, double probability_sum) {
    CHECK(!scores.contains(position));
    CHECK(std::abs(probability_sum - 1) < 1e-5);
    scores[position] = static_cast<double>(nats);
  };
  model.read(tokens, true, set);
  model.finish(set);
  return scores;
}

TEST_CASE("a model that learns nothing scores as one pass does") {
  for (const SampleModelOptions& options : models) {
    CAPTURE(options.context);
    const LanguageModel trained = sample_model_of(options);
    const text::CorpusPart part = part_of(trained, random_letters(100));
    EvaluateOptions how{.precision = nn::Precision::f32, .threads = 1};
    std::map<int64_t, double> expected;
    const auto remember = [&](int64_t position, text::Token, double nats) {
      expected[position] = nats;
    };
    evaluate(trained, part, how, remember);
    for (const auto& inexact : part.text.inexact) expected[inexact.position] -= inexact.nats;
    for (const int64_t every : {1, 7, 16, 1000}) {
      AdaptiveModel model(trained, {.rate = 0, .every = every}, 1);
      const auto scores = scores_of(model, part.text.tokens);
      REQUIRE(scores.size() == expected.size());
      for (const auto& [position, nats] : scores)
        CHECK(nats == doctest::Approx(expected.at(position)).epsilon(1e-4));
      CHECK(model.model().weights == trained.weights);
    }
  }
}

TEST_CASE("the first step is the rate, against the sign of the gradient") {
  const LanguageModel trained = sample_model_of({.cell = nn::CellKind::gru});
  const std::vector<text::Token> tokens = part_of(trained, "abcdabcdd").text.tokens;
  AdaptiveModel model(trained, {.rate = 1e-3, .pull = 0, .every = 8}, 1);
  model.read(std::span(tokens).first(8), true);
  CHECK(model.steps() == 0);
  model.read(std::span(tokens).last(1), true);
  CHECK(model.steps() == 1);

  const auto pool = nn::make_thread_pool(1);
  nn::ChunkEngine engine(trained.config.network, {.batch = 1, .steps = 8, .resets = true}, *pool);
  engine.set_weights(trained.weights.data());
  std::vector<uint8_t> resets(8);
  resets[0] = 1;
  std::vector<float> gradient(trained.weights.size());
  engine.run({8, tokens.data(), tokens.data() + 1, resets.data(), false}, {}, gradient.data());
  int moved = 0;
  for (size_t i = 0; i < gradient.size(); ++i) {
    if (std::abs(gradient[i]) < 1e-5F) continue;
    const double change = static_cast<double>(model.model().weights[i] - trained.weights[i]);
    CHECK(change == doctest::Approx(gradient[i] > 0 ? -1e-3 : 1e-3).epsilon(0.01));
    ++moved;
  }
  CHECK(moved > 100);
}

TEST_CASE("what is learned is predicted better, and the pull keeps it near the trained weights") {
  for (const SampleModelOptions& options : models) {
    CAPTURE(options.context);
    const LanguageModel trained = sample_model_of(options);
    std::string text;
    for (int i = 0; i < 60; ++i) text += "abcdd\n";
    const std::vector<text::Token> tokens = part_of(trained, text).text.tokens;
    const auto last_nats = [&](const AdaptOptions& how, double& distance) {
      AdaptiveModel model(trained, how, 1);
      double nats = 0;
      for (const auto& [position, score] : scores_of(model, tokens)) {
        if (position >= static_cast<int64_t>(tokens.size()) - 60) nats += score / 60;
      }
      distance = 0;
      for (size_t i = 0; i < trained.weights.size(); ++i) {
        const auto difference = static_cast<double>(model.model().weights[i] - trained.weights[i]);
        distance += difference * difference;
      }
      return nats;
    };
    double none = 0, far = 0, near = 0;
    const double before = last_nats({.rate = 0}, none);
    const double after = last_nats({.rate = 0.005, .pull = 0, .every = 8}, far);
    last_nats({.rate = 0.005, .pull = 0.2, .every = 8}, near);
    CHECK(after < 0.7 * before);
    CHECK(none == 0);
    CHECK(near > 0);
    CHECK(near < 0.25 * far);
  }
}

TEST_CASE("only what is to be learned is, and a new text begins in the initial state") {
  const LanguageModel trained = sample_model_of({.cell = nn::CellKind::lstm, .learned = true});
  const std::vector<text::Token> tokens = part_of(trained, random_letters(50)).text.tokens;
  AdaptiveModel model(trained, {.rate = 0.01, .every = 8}, 1);
  int64_t scored = 0;
  const auto count = [&](int64_t, float, double) { ++scored; };
  model.read(tokens, false, count);
  CHECK(model.steps() == 0);
  CHECK(scored == 0);
  CHECK(model.model().weights == trained.weights);
  model.begin();
  const auto scores = scores_of(model, tokens);
  CHECK(scores.size() == tokens.size() - 1);
  CHECK(scores.begin()->second ==
        doctest::Approx(testing::nats_after(trained, std::span(tokens).first(1), tokens[1]))
            .epsilon(1e-4));
  CHECK(model.steps() == 7);
  CHECK(model.model().weights != trained.weights);
}

TEST_CASE("the bits of what was learned do not depend on the threads") {
  const LanguageModel trained = sample_model_of({.cell = nn::CellKind::lstm, .context = 9});
  const std::vector<text::Token> tokens = part_of(trained, random_letters(90)).text.tokens;
  std::vector<std::vector<float>> weights;
  for (const int threads : {1, 2, 3}) {
    AdaptiveModel model(trained, {.rate = 0.01, .every = 16}, threads);
    model.read(tokens, true);
    weights.push_back(model.model().weights);
  }
  CHECK(weights[0] == weights[1]);
  CHECK(weights[0] == weights[2]);
  CHECK(weights[0] != trained.weights);
}

TEST_CASE("dynamic evaluation charges for spelling and scores every character") {
  const LanguageModel trained = sample_model_of({.cell = nn::CellKind::gru});
  const text::CorpusPart part = part_of(trained, random_letters(300));
  REQUIRE(!part.text.inexact.empty());
  EvaluateOptions how{.precision = nn::Precision::f32, .threads = 1};
  const nn::LossSum still = evaluate(trained, part, how);
  how.adapt = AdaptOptions{.rate = 0};
  ProbabilityCheck check;
  const nn::LossSum none = evaluate(trained, part, how, nullptr, &check);
  CHECK(none.count == still.count);
  CHECK(check.positions == still.count);
  CHECK(none.nats == doctest::Approx(still.nats).epsilon(1e-5));
  how.adapt = AdaptOptions{.rate = 0.003};
  CHECK(evaluate(trained, part, how).nats < still.nats);
}

}  // namespace
}  // namespace inkling::model
