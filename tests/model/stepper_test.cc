#include "model/stepper.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "model/evaluate.h"
#include "support/allocations.h"
#include "support/stepped_loss.h"

using namespace inkling;
using namespace inkling::model;
using namespace inkling::testing;

namespace {

using Logits = std::vector<float>;

std::vector<text::Token> random_tokens(const LanguageModel& model, int64_t count, uint64_t seed) {
  Random random(seed);
  std::vector<text::Token> tokens;
  for (int64_t i = 0; i < count; ++i) {
    tokens.push_back(
        static_cast<text::Token>(random.below(static_cast<uint64_t>(model.vocabulary().size()))));
  }
  return tokens;
}

Logits read(Stepper& stepper, const LanguageModel& model, int64_t slot,
            std::span<const text::Token> tokens) {
  Logits logits(static_cast<size_t>(model.vocabulary().size()));
  stepper.read(slot, tokens, logits);
  return logits;
}

// A many-to-many and a many-to-one model of every cell.
std::vector<LanguageModel> models() {
  std::vector<LanguageModel> all;
  for (const nn::CellKind cell : {nn::CellKind::rnn, nn::CellKind::lstm, nn::CellKind::gru}) {
    all.push_back(sample_model_of({.cell = cell}));
    all.push_back(sample_model_of({.cell = cell, .embedding_size = 3, .learned = true}));
    all.push_back(sample_model_of({.cell = cell, .layer_norm = true, .context = 5}));
    all.push_back(sample_model_of({.cell = cell, .learned = true, .context = 5}));
  }
  return all;
}

}  // namespace

TEST_CASE("a stepper's distributions are what evaluate() charges, per character") {
  for (const LanguageModel& model : models()) {
    text::CorpusPart part;
    part.text.tokens = random_tokens(model, 50, 3);
    std::map<int64_t, double> charged;
    EvaluateOptions options;
    options.precision = nn::Precision::f32;
    options.window = 50;  // the engine for chunks, not the stepper itself
    evaluate(model, part, options,
             [&](int64_t position, text::Token, double nats) { charged[position] = nats; });
    Stepper stepper(model, 1, nn::Precision::f32, 1);
    for (size_t p = 0; p + 1 < part.text.tokens.size(); ++p) {
      const Logits logits = read(stepper, model, 0, {&part.text.tokens[p], 1});
      CHECK(nats_of(logits, part.text.tokens[p + 1]) ==
            doctest::Approx(charged.at(static_cast<int64_t>(p) + 1)).epsilon(1e-4));
    }
  }
}

TEST_CASE("the same bits for a text, whatever else is in the batch, in any slot, on any threads") {
  for (const auto& [precision, threads] :
       {std::pair(nn::Precision::f32, 1), {nn::Precision::bf16, 1}, {nn::Precision::bf16, 3}}) {
    for (const LanguageModel& model : models()) {
      constexpr int64_t slots = 7;
      const auto vocab = static_cast<size_t>(model.vocabulary().size());
      std::vector<std::vector<text::Token>> texts;
      for (uint64_t s = 0; s < slots; ++s) texts.push_back(random_tokens(model, 12, s));

      Stepper together(model, slots, precision, threads);
      std::vector<int64_t> order{3, 6, 0, 5, 1, 4, 2};
      Logits rows(slots * vocab);
      for (size_t t = 0; t < 12; ++t) {
        // So small a model begins alone, and takes threads when many texts are announced.
        CHECK((together.threads_for(t < 6 ? 1 : 100) != nullptr) == (threads > 1 && t >= 6));
        std::vector<text::Token> column;
        for (const int64_t slot : order) column.push_back(texts[static_cast<size_t>(slot)][t]);
        together.step(order, column, rows);
      }
      for (size_t row = 0; row < slots; ++row) {
        Stepper alone(model, 1, precision, 1);
        const Logits logits = read(alone, model, 0, texts[static_cast<size_t>(order[row])]);
        CHECK(std::equal(logits.begin(), logits.end(),
                         rows.begin() + static_cast<ptrdiff_t>(row * vocab)));
      }
    }
  }
}

TEST_CASE("reading a text at once or by the character, with copies and resets between") {
  for (const LanguageModel& model : models()) {
    const std::vector<text::Token> tokens = random_tokens(model, 20, 9);
    const std::span<const text::Token> all(tokens);
    Stepper stepper(model, 2, nn::Precision::f32, 1);
    const Logits at_once = read(stepper, model, 0, all);

    Logits logits;
    for (size_t t = 0; t < all.size(); ++t) logits = read(stepper, model, 1, all.subspan(t, 1));
    CHECK(logits == at_once);

    stepper.reset(0);
    read(stepper, model, 0, all.first(17));
    stepper.copy(0, 1);
    read(stepper, model, 0, all.first(3));  // the copy goes its own way
    CHECK(read(stepper, model, 1, all.subspan(17)) == at_once);

    stepper.reset(1);
    CHECK(read(stepper, model, 1, all) == at_once);

    // Growing and shrinking keep the states of the slots that stay.
    stepper.reset(1);
    read(stepper, model, 1, all.first(17));
    stepper.resize(90);
    CHECK(stepper.slots() == 90);
    CHECK(read(stepper, model, 89, all) == at_once);
    stepper.resize(2);
    CHECK(read(stepper, model, 1, all.subspan(17)) == at_once);

    // Nothing read: nothing written.
    Logits untouched(at_once.size(), 7);
    stepper.read(0, {}, untouched);
    CHECK(untouched == Logits(at_once.size(), 7));
  }
}

TEST_CASE("a many-to-one model knows its last `context` characters and no more") {
  for (const nn::CellKind cell : {nn::CellKind::rnn, nn::CellKind::lstm, nn::CellKind::gru}) {
    const LanguageModel model = sample_model_of({.cell = cell, .context = 5});
    const std::vector<text::Token> tokens = random_tokens(model, 30, 2);
    const std::span<const text::Token> all(tokens);
    Stepper stepper(model, 2, nn::Precision::f32, 1);
    const Logits whole = read(stepper, model, 0, all);
    CHECK(read(stepper, model, 1, all.last(5)) == whole);
    stepper.reset(1);
    CHECK(read(stepper, model, 1, all.last(4)) != whole);
    // Slots that have read less than the window, side by side with one that is full.
    stepper.reset(1);
    const std::vector<int64_t> both{0, 1};
    const std::vector<text::Token> next{1, 2};
    Logits rows(2 * whole.size());
    stepper.step(both, next, rows);
    Stepper alone(model, 1, nn::Precision::f32, 1);
    const Logits short_one = read(alone, model, 0, std::span(next).last(1));
    CHECK(std::equal(short_one.begin(), short_one.end(),
                     rows.begin() + static_cast<ptrdiff_t>(whole.size())));
  }
}

TEST_CASE("<unk> is read as a zero vector") {
  for (const int64_t embedding_size : {0, 3}) {
    LanguageModel model = sample_model_of({.embedding_size = embedding_size});
    const text::Token unknown = model.vocabulary().unknown();
    const std::vector<text::Token> tokens{1, unknown, 2};
    Stepper stepper(model, 1, nn::Precision::f32, 1);
    const Logits before = read(stepper, model, 0, tokens);
    const nn::ParameterInfo info =
        nn::ParameterLayout(model.config.network)
            .at(embedding_size > 0 ? "embed.weight" : "rnn.weight_ih_l0");
    for (int64_t i = 0; i < info.cols; ++i) {
      model.weights[static_cast<size_t>(info.offset + unknown * info.cols + i)] = 3;
    }
    Stepper changed(model, 1, nn::Precision::f32, 1);
    CHECK(read(changed, model, 0, tokens) == before);
  }
}

TEST_CASE("hidden_state() is what the head sees of the last layer") {
  for (const nn::CellKind cell : {nn::CellKind::rnn, nn::CellKind::lstm, nn::CellKind::gru}) {
    const LanguageModel model = sample_model_of({.cell = cell});
    const nn::ParameterLayout layout(model.config.network);
    const nn::ParameterInfo weight = layout.at("fc.weight"), bias = layout.at("fc.bias");
    Stepper stepper(model, 1, nn::Precision::f32, 1);
    const Logits logits = read(stepper, model, 0, random_tokens(model, 9, 4));
    std::vector<float> h(11);
    stepper.hidden_state(0, h);
    for (size_t j = 0; j < logits.size(); ++j) {
      const auto column = static_cast<int64_t>(j);
      double z = static_cast<double>(model.weights[static_cast<size_t>(bias.offset + column)]);
      for (size_t i = 0; i < h.size(); ++i) {
        const int64_t at = weight.offset + static_cast<int64_t>(i) * weight.cols + column;
        z +=
            static_cast<double>(h[i]) * static_cast<double>(model.weights[static_cast<size_t>(at)]);
      }
      CHECK(static_cast<double>(logits[j]) == doctest::Approx(z).epsilon(1e-4).scale(1));
    }
  }
}

TEST_CASE("hidden_state() of networks side by side has the last layer's of each") {
  const LanguageModel both = sample_model_of({.stacks = 2});
  const nn::NetworkSpec& network = both.config.network;
  const int64_t hidden = network.layers.back().hidden_size;
  REQUIRE(network.head_input_size() == 2 * hidden);
  Stepper stepper(both, 1, nn::Precision::f32, 1);
  const Logits logits = read(stepper, both, 0, random_tokens(both, 9, 4));
  std::vector<float> h(static_cast<size_t>(2 * hidden));
  stepper.hidden_state(0, h);
  const nn::ParameterLayout layout(network);
  const nn::ParameterInfo weight = layout.at("fc.weight"), bias = layout.at("fc.bias");
  std::vector<double> probabilities(logits.size());
  for (int64_t stack = 0; stack < 2; ++stack) {
    std::vector<double> scores(logits.size());
    double sum = 0;
    for (size_t j = 0; j < logits.size(); ++j) {
      const auto column = static_cast<int64_t>(j);
      double z = static_cast<double>(both.weights[static_cast<size_t>(bias.offset + column)]);
      for (int64_t i = stack * hidden; i < (stack + 1) * hidden; ++i) {
        const int64_t at = weight.offset + i * weight.cols + column;
        z += static_cast<double>(h[static_cast<size_t>(i)]) *
             static_cast<double>(both.weights[static_cast<size_t>(at)]);
      }
      scores[j] = std::exp(z);
      sum += scores[j];
    }
    for (size_t j = 0; j < logits.size(); ++j) probabilities[j] += scores[j] / sum / 2;
  }
  for (size_t j = 0; j < logits.size(); ++j) {
    CHECK(std::exp(static_cast<double>(logits[j])) ==
          doctest::Approx(probabilities[j]).epsilon(1e-4));
  }
}

TEST_CASE("several threads give the same bits for a model that is worth them") {
  nn::NetworkSpec network = nn::NetworkSpec::chain(2, 0, nn::CellKind::lstm, 1, 320);
  const LanguageModel model = sample_model(network, {"\n", "a", "b", "c"});
  const std::vector<text::Token> tokens = random_tokens(model, 6, 5);
  Logits once;
  for (const int threads : {1, 2, 3}) {
    Stepper stepper(model, 1, nn::Precision::automatic, threads);
    const Logits logits = read(stepper, model, 0, tokens);
    if (threads == 1) once = logits;
    CHECK(logits == once);
  }
}

TEST_CASE("stepping allocates nothing once its slots have read a window's length") {
  for (const LanguageModel& model : models()) {
    Stepper stepper(model, 3, nn::Precision::automatic, 1);
    const std::vector<int64_t> slots{2, 0, 1};
    const std::vector<text::Token> tokens{1, 2, 3};
    Logits rows(3 * static_cast<size_t>(model.vocabulary().size()));
    for (int i = 0; i < 10; ++i) stepper.step(slots, tokens, rows);
    const int64_t before = allocations().all;
    for (int i = 0; i < 10; ++i) stepper.step(slots, tokens, rows);
    CHECK(allocations().all == before);
  }
}
