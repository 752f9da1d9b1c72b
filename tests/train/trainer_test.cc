#include "train/trainer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <new>

#include "base/random.h"
#include "model/evaluate.h"
#include "nn/kernels/instruction_set.h"
#include "support/refusal.h"
#include "support/small_training.h"

using namespace inkling;
using namespace inkling::testing;
using namespace inkling::train;

namespace {

// The mean nats of a character given the one before it, by counting: no bigram model is better.
double counted_bigram_loss(const std::vector<text::Token>& tokens) {
  std::map<text::Token, double> firsts;
  std::map<std::pair<text::Token, text::Token>, double> pairs;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    ++firsts[tokens[i]];
    ++pairs[{tokens[i], tokens[i + 1]}];
  }
  double nats = 0;
  for (const auto& [pair, count] : pairs) nats -= count * std::log(count / firsts[pair.first]);
  return nats / static_cast<double>(tokens.size() - 1);
}

}  // namespace

TEST_CASE("the same seed gives the same bits, twice and on one, two and three threads") {
  for (const nn::CellKind cell : {nn::CellKind::rnn, nn::CellKind::lstm, nn::CellKind::gru}) {
    for (const model::Shape shape : {model::Shape::many_to_many, model::Shape::many_to_one}) {
      for (const nn::Precision precision : {nn::Precision::f32, nn::Precision::bf16}) {
        if (precision == nn::Precision::bf16 && !nn::has_bf16_products()) continue;
        if (precision == nn::Precision::bf16 && cell != nn::CellKind::lstm) continue;
        INFO(name_of(cell), " ", name_of(shape), " ", name_of(precision));
        TrainOptions options = small_options();
        options.cell = cell;
        options.shape = shape;
        options.precision = precision;
        options.num_layers = 2;
        options.hidden_size = 70;
        options.batch_size = 50;  // several shards, the last one not full
        options.bptt = options.context = 6;
        options.dropout = 0.3;
        options.reset_state = 0.2;
        options.steps = options.eval_every = 8;
        const std::vector<float> once = weights_trained_on(tiny_text(), options);
        for (const int64_t threads : {1, 2, 3}) {
          options.threads = threads;
          CHECK(weights_trained_on(tiny_text(), options) == once);
        }
        options.seed = 2;
        CHECK(weights_trained_on(tiny_text(), options) != once);
      }
    }
  }
}

TEST_CASE("with look-up tables of many rows too, the bits do not depend on the threads") {
  for (const int64_t embedding : {0, 9}) {
    CAPTURE(embedding);
    TrainOptions options = small_options();
    options.embedding_size = embedding;
    options.batch_size = 50;
    options.steps = options.eval_every = 5;
    const std::string text = many_characters(1100, 2);
    const std::vector<float> once = weights_trained_on(text, options);
    for (const int64_t threads : {2, 3, 8}) {
      options.threads = threads;
      CHECK(weights_trained_on(text, options) == once);
    }
  }
}

TEST_CASE("who begins anew in every chunk learns beginnings, who never does learns the rest") {
  TrainOptions options = small_options();
  options.steps = 300;
  options.bptt = 8;
  options.split = "100/0/0";
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  double from_start[2], carried[2];
  for (const bool resets : {false, true}) {
    options.reset_state = resets ? 1 : 0;
    Trainer trainer(options, corpus);
    trainer.run({}, {});
    model::EvaluateOptions how;
    how.precision = nn::Precision::f32;
    carried[resets] = model::evaluate(trainer.current(), corpus.train, how).loss();
    how.window = 8;
    from_start[resets] = model::evaluate(trainer.current(), corpus.train, how).loss();
  }
  CAPTURE(from_start[0]);
  CAPTURE(from_start[1]);
  CAPTURE(carried[0]);
  CAPTURE(carried[1]);
  CHECK(from_start[1] < from_start[0] - 0.02);
  CHECK(carried[0] < carried[1] - 0.02);
}

TEST_CASE("the gradient of networks side by side is as long, for clipping, as that of one") {
  TrainOptions options = small_options();
  options.stacks = 4;
  options.steps = 3;
  double norm = 0;
  TrainCallbacks callbacks;
  callbacks.before_update = [&](std::span<float>, std::span<float> gradient) {
    double squares = 0;
    for (const float g : gradient) squares += static_cast<double>(g) * static_cast<double>(g);
    norm = std::sqrt(squares);
  };
  int steps = 0;
  callbacks.on_step = [&](const Progress& progress) {
    CHECK(progress.grad_norm == doctest::Approx(norm / 2).epsilon(1e-6));
    ++steps;
  };
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  Trainer(options, corpus).run({}, callbacks);
  CHECK(steps == 3);
}

TEST_CASE("a one-to-one model ends at the counted bigram frequencies") {
  struct Case {
    nn::CellKind cell;
    int64_t embedding_size;
  };
  for (const Case& c : {Case{nn::CellKind::rnn, 0}, Case{nn::CellKind::lstm, 16}}) {
    INFO(name_of(c.cell));
    TrainOptions options = small_options();
    options.cell = c.cell;
    options.embedding_size = c.embedding_size;
    options.shape = model::Shape::many_to_one;
    options.context = 1;
    options.hidden_size = 64;
    options.batch_size = 128;
    options.dropout = 0;
    options.split = "100/0/0";
    options.steps = 1500;
    const text::Corpus corpus = corpus_of(tiny_text(), options);
    Trainer trainer(options, corpus);
    trainer.run({}, {});
    model::EvaluateOptions how;
    how.precision = nn::Precision::f32;
    const double loss = model::evaluate(trainer.current(), corpus.train, how).loss();
    const double counted = counted_bigram_loss(corpus.train.text.tokens);
    CAPTURE(loss);
    CAPTURE(counted);
    CHECK(loss < counted + 0.01);
    CHECK(loss > counted - 1e-6);
  }
}

TEST_CASE("every cell and shape learns: the loss falls far below that of the letter frequencies") {
  for (const nn::CellKind cell : {nn::CellKind::rnn, nn::CellKind::lstm, nn::CellKind::gru}) {
    for (const model::Shape shape : {model::Shape::many_to_many, model::Shape::many_to_one}) {
      INFO(name_of(cell), " ", name_of(shape));
      TrainOptions options = small_options();
      options.cell = cell;
      options.shape = shape;
      options.hidden_size = 48;
      options.batch_size = 32;
      options.steps = 300;
      const text::Corpus corpus = corpus_of(tiny_text(), options);
      Trainer trainer(options, corpus);
      const TrainResult result = trainer.run({}, {});
      CHECK(result.reason == StopReason::finished);
      CHECK(result.best_val_loss < 1.0);  // counted alone, the letters have 2.8
    }
  }
}

TEST_CASE("a run that learns its text by heart ends early, with the best model") {
  TrainOptions options = small_options();
  options.hidden_size = 60;
  options.dropout = 0;
  options.steps = 3000;
  options.eval_every = 50;
  options.split = "50/50/0";
  // Noise: there is nothing to learn but the text itself.
  std::string noise;
  Random random(5);
  for (int i = 0; i < 600; ++i) noise += static_cast<char>('a' + random.below(10));
  const text::Corpus corpus = corpus_of(noise, options);
  std::vector<double> losses;
  TrainCallbacks callbacks;
  callbacks.on_evaluation = [&](const Progress& p) { losses.push_back(p.val_loss); };
  Trainer trainer(options, corpus);
  const TrainResult result = trainer.run({}, callbacks);
  CHECK(result.reason == StopReason::patience);
  CHECK(result.last.step < options.steps);
  CHECK(result.best_val_loss == *std::min_element(losses.begin(), losses.end()));
  REQUIRE(losses.size() > 3);
  for (size_t i = losses.size() - 3; i < losses.size(); ++i)
    CHECK(losses[i] > 1.01 * result.best_val_loss);
  CHECK(losses[losses.size() - 4] <= 1.01 * result.best_val_loss);
  model::EvaluateOptions how;
  how.precision = nn::Precision::f32;
  how.streams = static_cast<int64_t>(corpus.validation.text.tokens.size()) / 256;
  how.warm_up = 256;
  CHECK(model::evaluate(trainer.best(), corpus.validation, how).loss() ==
        doctest::Approx(result.best_val_loss).epsilon(1e-6));

  options.patience = 0;
  Trainer patient(options, corpus);
  CHECK(patient.run({}, {}).reason == StopReason::finished);
}

TEST_CASE("hidden inputs are made up for by what stands before them, not learned from") {
  // Each character tells the next; with all of them hidden only their shares can be learned.
  std::string text;
  for (int i = 0; i < 300; ++i) text += "abcd";
  TrainOptions options = small_options();
  options.steps = 150;
  options.dropout = 0;
  options.split = "100/0/0";
  options.reset_state = 1;
  options.bptt = 2;
  const text::Corpus corpus = corpus_of(text, options);
  double train_loss[2];
  for (const bool hides : {false, true}) {
    options.input_dropout = hides ? 0.95 : 0;
    Trainer trainer(options, corpus);
    train_loss[hides] = trainer.run({}, {}).last.train_loss;
  }
  CHECK(train_loss[0] < 0.3);
  CHECK(train_loss[1] > 0.8 * std::log(4));
}

TEST_CASE("patience ends a run that no longer gets better") {
  TrainOptions options = small_options();
  options.learning_rate = 1e-30;
  options.steps = 100;
  options.eval_every = 2;
  options.patience = 3;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  Trainer trainer(options, corpus);
  const TrainResult result = trainer.run({}, {});
  CHECK(result.reason == StopReason::patience);
  CHECK(result.best_step == 2);
  CHECK(result.last.step == 8);
}

TEST_CASE("an evaluation of the same mean of weights costs no patience") {
  TrainOptions options = small_options();
  options.steps = 60, options.eval_every = 1, options.patience = 2;
  options.learning_rate = 1e-3, options.averaging = 0.2;  // from step 20 on it follows one in four
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const TrainResult result = Trainer(options, corpus).run({}, {});
  CHECK(result.reason == StopReason::finished);
  CHECK(result.last.step == 60);
}

TEST_CASE("an evaluation that gets no memory is left out with a notice, and training goes on") {
  TrainOptions options = small_options();
  options.steps = 6;
  options.eval_every = 2;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  // Where an allocation fails, or one too large is not tried.
  for (const bool tried : {true, false}) {
    Trainer trainer(options, corpus);
    int evaluations = 0;
    std::vector<std::string> notices;
    TrainCallbacks callbacks;
    callbacks.on_evaluation = [&](const Progress&) {
      if (++evaluations != 2) return;
      if (tried) throw std::bad_alloc();
      throw MemoryError("evaluating needs more than there is");
    };
    callbacks.on_notice = [&](const std::string& notice) { notices.push_back(notice); };
    const TrainResult result = trainer.run({}, callbacks);
    CHECK(result.reason == StopReason::finished);
    CHECK(evaluations == 3);
    CHECK(notices == std::vector<std::string>{
                         "step 4: too little memory is left to evaluate; training goes on"});
    CHECK(trainer.current().weights == weights_trained_on(tiny_text(), options));
  }
}

TEST_CASE("a sample that gets no memory costs nothing but itself") {
  TrainOptions options = small_options();
  options.steps = 6;
  options.eval_every = 2;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const auto losses = [&](bool fails) {
    Trainer trainer(options, corpus);
    std::vector<double> train_losses;
    std::vector<std::string> notices;
    TrainCallbacks callbacks;
    callbacks.on_evaluation = [&](const Progress& p) { train_losses.push_back(p.train_loss); };
    callbacks.on_notice = [&](const std::string& notice) { notices.push_back(notice); };
    callbacks.on_sample = [&](const model::LanguageModel&) {
      if (fails) throw std::bad_alloc();
    };
    trainer.run({}, callbacks);
    CHECK(notices.size() == (fails ? 3 : 0));
    if (fails)
      CHECK(notices[0] == "step 2: too little memory is left for a sample; training goes on");
    return train_losses;
  };
  CHECK(losses(true) == losses(false));
}

TEST_CASE("the training loss has what unknown characters cost, as every loss") {
  TrainOptions options = small_options();
  options.min_count = 100;
  options.dropout = 0;
  options.averaging = 0;
  options.learning_rate = 1e-9;
  options.steps = 0, options.epochs = 1;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  REQUIRE(corpus.train.text.inexact.size() > 50);
  Trainer trainer(options, corpus);
  const double trained = trainer.run({}, {}).last.train_loss;
  const double evaluated = model::evaluate(trainer.current(), corpus.train).loss();
  double cost = 0;
  for (const text::Tokens::Inexact& inexact : corpus.train.text.inexact) cost += inexact.nats;
  cost /= static_cast<double>(corpus.train.text.tokens.size() - 1);
  REQUIRE(cost > 0.5);
  CHECK(std::abs(trained - evaluated) < 0.2 * cost);
}

TEST_CASE("--init-from begins with the other model's weights and says so") {
  TrainOptions options = small_options();
  options.steps = 150;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  Trainer first(options, corpus);
  const double learned = first.run({}, {}).best_val_loss;

  // Another vocabulary: without the last letters, with new ones.
  options.steps = 1;
  options.learning_rate = 1e-9;
  std::string text = tiny_text() + "Zebras? 12 of them!\n";
  const text::Corpus other = corpus_of(text, options);
  Trainer fresh(options, other);
  Trainer continued(options, other, {.init_from = &first.current()});
  const std::vector<std::string>& notices = continued.plan().notices;
  CHECK(std::any_of(notices.begin(), notices.end(),
                    [](const std::string& s) { return says(s, "weights taken over"); }));
  CHECK(continued.run({}, {}).best_val_loss < learned + 0.5);
  CHECK(fresh.run({}, {}).best_val_loss > learned + 1);
}
