#include "model/evaluate.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "support/stepped_loss.h"

using namespace inkling;
using namespace inkling::model;
using namespace inkling::testing;

namespace {

text::CorpusPart part_of(const LanguageModel& model, const std::string& text) {
  return text::make_part({{"text", text, 0}}, model.tokenizer);
}

EvaluateOptions options_of(int64_t window = 0, int64_t streams = 1, int64_t warm_up = 0) {
  EvaluateOptions options;
  options.window = window;
  options.streams = streams;
  options.warm_up = warm_up;
  options.precision = nn::Precision::f32;
  options.threads = 1;
  return options;
}

// Every predicted position's nats.
std::map<int64_t, double> scores_of(const LanguageModel& model, const text::CorpusPart& part,
                                    const EvaluateOptions& options) {
  std::map<int64_t, double> scores;
  int64_t before = -1;
  const nn::LossSum loss =
      evaluate(model, part, options, [&](int64_t position, text::Token token, double nats) {
        CHECK(position > before);
        CHECK(token == part.text.tokens[static_cast<size_t>(position)]);
        before = position;
        scores[position] = nats;
      });
  double nats = 0;
  for (const auto& [position, score] : scores) nats += score;
  CHECK(loss.nats == doctest::Approx(nats).epsilon(1e-12));
  CHECK(loss.count == static_cast<int64_t>(scores.size()));
  return scores;
}

// What a position costs, read from `begin` on; the state starts anew at each end token.
double expected_nats(const LanguageModel& model, const text::CorpusPart& part, int64_t begin,
                     int64_t position) {
  const std::vector<text::Token>& tokens = part.text.tokens;
  for (int64_t p = begin; p < position; ++p) {
    const bool starts =
        model.vocabulary().has_end() && tokens[static_cast<size_t>(p)] == model.vocabulary().end();
    if (starts) begin = p;
  }
  const std::span<const text::Token> all(tokens);
  double nats = nats_after(
      model, all.subspan(static_cast<size_t>(begin), static_cast<size_t>(position - begin)),
      tokens[static_cast<size_t>(position)]);
  for (const auto& inexact : part.text.inexact) {
    if (inexact.position == position) nats += inexact.nats;
  }
  return nats;
}

std::vector<SampleModelOptions> models() {
  std::vector<SampleModelOptions> all;
  for (const nn::CellKind cell : {nn::CellKind::rnn, nn::CellKind::lstm, nn::CellKind::gru}) {
    all.push_back({.cell = cell});
    all.push_back({.cell = cell, .embedding_size = 4, .documents = true});
    all.push_back({.cell = cell, .layer_norm = true, .learned = true});
    all.push_back({.cell = cell, .learned = true, .documents = true});
    all.push_back({.cell = cell, .stacks = 3});
  }
  return all;
}

std::string name_of_model(const SampleModelOptions& options) {
  return std::string(nn::cell_names[static_cast<size_t>(options.cell)]) +
         (options.embedding_size > 0 ? " embedding" : "") + (options.layer_norm ? " norm" : "") +
         (options.learned ? " learned" : "") + (options.documents ? " documents" : "") +
         (options.stacks > 1 ? " stacks" : "");
}

}  // namespace

TEST_CASE("stateful: each character costs what a model says that has read all before it") {
  for (const SampleModelOptions& options : models()) {
    INFO(name_of_model(options));
    const LanguageModel model = sample_model_of(options);
    const text::CorpusPart part = part_of(model, random_letters(60));
    const auto scores = scores_of(model, part, options_of());
    CHECK(scores.size() == part.text.tokens.size() - 1);
    for (const auto& [position, nats] : scores) {
      CHECK(nats == doctest::Approx(expected_nats(model, part, 0, position)).epsilon(1e-5));
    }
  }
}

TEST_CASE("windows: each starts from the initial state, and its last target is the next's first") {
  for (const SampleModelOptions& options : models()) {
    for (const int64_t window : {1, 7, 16, 58, 59, 1000}) {
      INFO(name_of_model(options), " ", window);
      const LanguageModel model = sample_model_of(options);
      const text::CorpusPart part = part_of(model, random_letters(60));
      const auto scores = scores_of(model, part, options_of(window));
      CHECK(scores.size() == part.text.tokens.size() - 1);
      for (const auto& [position, nats] : scores) {
        const int64_t begin = (position - 1) / window * window;
        CHECK(nats == doctest::Approx(expected_nats(model, part, begin, position)).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("a window or a context too long to be run at once is run piece by piece") {
  const int64_t steps = 2 * most_steps_at_once + 90;
  for (const bool windowed : {false, true}) {
    CAPTURE(windowed);
    const LanguageModel model =
        sample_model_of({.cell = nn::CellKind::gru, .context = windowed ? steps : 0});
    const text::CorpusPart part = part_of(model, random_letters(steps + 200));
    const auto scores = scores_of(model, part, options_of(windowed ? 0 : steps));
    const auto last = static_cast<int64_t>(part.text.tokens.size()) - 1;
    CHECK(static_cast<int64_t>(scores.size()) == last);
    for (const int64_t position :
         {int64_t{1}, most_steps_at_once, most_steps_at_once + 1, steps, steps + 1, last}) {
      CAPTURE(position);
      const int64_t begin =
          windowed ? std::max<int64_t>(0, position - steps) : (position - 1) / steps * steps;
      CHECK(scores.at(position) ==
            doctest::Approx(expected_nats(model, part, begin, position)).epsilon(1e-4));
    }
  }
}

TEST_CASE("streams that warm up on all before them are the stateful pass") {
  for (const SampleModelOptions& options : models()) {
    INFO(name_of_model(options));
    const LanguageModel model = sample_model_of(options);
    const text::CorpusPart part = part_of(model, random_letters(700));
    const nn::LossSum stateful = evaluate(model, part, options_of());
    for (const int64_t streams : {2, 5, 16, 1000}) {
      const nn::LossSum loss = evaluate(model, part, options_of(0, streams, 1000));
      CHECK(loss.count == stateful.count);
      CHECK(loss.loss() == doctest::Approx(stateful.loss()).epsilon(1e-5));
    }
    const nn::LossSum cold = evaluate(model, part, options_of(0, 16, 0));
    CHECK(cold.count == stateful.count);
    CHECK(cold.loss() != stateful.loss());
  }
}

TEST_CASE("streams without warm-up begin where their share of the text does") {
  const LanguageModel model = sample_model_of({});
  const text::CorpusPart part = part_of(model, random_letters(200));
  const int64_t count = 199, streams = 5;
  const auto scores = scores_of(model, part, options_of(0, streams, 0));
  REQUIRE(static_cast<int64_t>(scores.size()) == count);
  for (int64_t s = 0; s < streams; ++s) {
    const int64_t begin = count * s / streams;
    for (int64_t p = begin + 1; p <= count * (s + 1) / streams; ++p) {
      CHECK(scores.at(p) == doctest::Approx(expected_nats(model, part, begin, p)).epsilon(1e-4));
    }
  }
}

TEST_CASE("most_characters limits what is predicted and spreads it evenly") {
  const LanguageModel model = sample_model_of({});
  const text::CorpusPart part = part_of(model, random_letters(1001));
  EvaluateOptions options = options_of(0, 10, 1001);
  options.most_characters = 200;
  const auto scores = scores_of(model, part, options);
  CHECK(scores.size() == 200);
  const auto all = scores_of(model, part, options_of());
  std::array<int, 10> in_tenth{};
  for (const auto& [position, nats] : scores) {
    ++in_tenth[static_cast<size_t>((position - 1) / 100)];
    CHECK(nats == doctest::Approx(all.at(position)).epsilon(1e-4));
  }
  for (const int predicted : in_tenth) CHECK(predicted == 20);
}

TEST_CASE("a many-to-one model slides its window over every position") {
  for (const SampleModelOptions& options : models()) {
    for (const int64_t context : {1, 6, 100}) {
      INFO(name_of_model(options), " ", context);
      SampleModelOptions with_context = options;
      with_context.context = context;
      const LanguageModel model = sample_model_of(with_context);
      const text::CorpusPart part = part_of(model, random_letters(70));
      for (const int64_t stride : {1, 5}) {
        EvaluateOptions how = options_of();
        how.stride = stride;
        const auto scores = scores_of(model, part, how);
        const auto predicted = static_cast<int64_t>(part.text.tokens.size()) - 1;
        CHECK(static_cast<int64_t>(scores.size()) == (predicted + stride - 1) / stride);
        for (const auto& [position, nats] : scores) {
          CHECK((position - 1) % stride == 0);
          const int64_t begin = std::max<int64_t>(0, position - context);
          CHECK(nats == doctest::Approx(expected_nats(model, part, begin, position)).epsilon(1e-4));
        }
      }
    }
  }
}

TEST_CASE("an unknown character is charged its spelling, as a target alone") {
  const LanguageModel model = sample_model_of({});
  const std::string text = "abZda";
  const text::CorpusPart part = part_of(model, text);
  REQUIRE(part.text.tokens[2] == model.vocabulary().unknown());
  const auto scores = scores_of(model, part, options_of());
  const std::span<const text::Token> tokens(part.text.tokens);
  CHECK(scores.at(2) == doctest::Approx(nats_after(model, tokens.first(2), tokens[2]) +
                                        text::spelling_nats("Z", text::Unit::codepoint)));
  CHECK(scores.at(3) == doctest::Approx(nats_after(model, tokens.first(3), tokens[3])));
  // The first character of a running text is not predicted, so neither is it charged.
  CHECK(evaluate(model, part_of(model, "Zb"), options_of()).nats < 10);
}

TEST_CASE("a text without anything to predict has no loss, the end tokens of documents are") {
  const LanguageModel running = sample_model_of({});
  CHECK(evaluate(running, part_of(running, "")).count == 0);
  CHECK(evaluate(running, part_of(running, "a")).count == 0);
  CHECK(evaluate(running, part_of(running, "ab")).count == 1);
  const LanguageModel documents = sample_model_of({.documents = true});
  CHECK(evaluate(documents, part_of(documents, "")).count == 0);
  CHECK(evaluate(documents, part_of(documents, "a")).count == 2);
  CHECK(evaluate(documents, part_of(documents, "ab\nc\n")).count == 5);
}

TEST_CASE("a certain prediction still counts as a position") {
  LanguageModel model = sample_model_of({});
  const nn::ParameterInfo bias = nn::ParameterLayout(model.config.network).at("fc.bias");
  model.weights[static_cast<size_t>(bias.offset) + 1] = 60;  // always "a"
  const text::CorpusPart part = part_of(model, std::string(100, 'a'));
  for (const EvaluateOptions& options :
       {options_of(), options_of(16), options_of(0, 3, 10), options_of(99)}) {
    const nn::LossSum loss = evaluate(model, part, options);
    CHECK(loss.count == 99);
    CHECK(loss.loss() < 1e-6);
  }
}

TEST_CASE("the bits of a loss do not depend on the threads") {
  for (const int64_t context : {0, 6}) {
    const LanguageModel model = sample_model_of({.cell = nn::CellKind::gru, .context = context});
    const text::CorpusPart part = part_of(model, random_letters(700));
    for (EvaluateOptions options : {options_of(), options_of(30), options_of(0, 20, 50)}) {
      const double once = evaluate(model, part, options).nats;
      for (const int threads : {2, 3}) {
        options.threads = threads;
        CHECK(evaluate(model, part, options).nats == once);
      }
    }
  }
}
