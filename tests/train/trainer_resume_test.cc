#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>

#include "nn/kernels/instruction_set.h"
#include "support/refusal.h"
#include "support/small_training.h"

using namespace inkling;
using namespace inkling::testing;
using namespace inkling::train;

namespace {

using Shape = model::Shape;

// What a run leaves behind.
struct Outcome {
  std::vector<float> weights;
  std::string best;                                     // bytes of the file
  std::map<std::string, std::vector<std::byte>> state;  // the last checkpoint's tensors
};

Outcome outcome_of(const Trainer& trainer, const RunFiles& files) {
  Outcome outcome{trainer.current().weights, bytes_of_file(files.best), {}};
  for (auto& tensor : model::load_model_file(files.last, true).extra) {
    outcome.state[tensor.name] = std::move(tensor.bytes);
  }
  return outcome;
}

std::unique_ptr<Trainer> resumed(const TrainOptions& options, const text::Corpus& corpus,
                                 const RunFiles& files) {
  const model::ModelFile checkpoint = model::load_model_file(files.last, true);
  return std::make_unique<Trainer>(options, corpus, TrainStart{.resume = &checkpoint});
}

// Trains to the end, stopping after each of `stops` and going on from the files with a new trainer.
Outcome run_with_stops(const TrainOptions& options, const text::Corpus& corpus,
                       const std::set<int64_t>& stops) {
  const TempDir dir;
  const RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  auto trainer = std::make_unique<Trainer>(options, corpus);
  int64_t step = 0;
  TrainCallbacks callbacks;
  callbacks.on_step = [&](const Progress& progress) { step = progress.step; };
  callbacks.should_stop = [&] { return stops.count(step) > 0; };
  size_t stopped = 0;
  for (; trainer->run(files, callbacks).reason == StopReason::interrupted; ++stopped) {
    trainer = resumed(options, corpus, files);
  }
  CHECK(stopped == stops.size());
  return outcome_of(*trainer, files);
}

void check_resumes_exactly(const TrainOptions& options, const std::string& text,
                           const std::set<int64_t>& stops) {
  const text::Corpus corpus = corpus_of(text, options);
  const Outcome whole = run_with_stops(options, corpus, {});
  const Outcome parts = run_with_stops(options, corpus, stops);
  CHECK(parts.weights == whole.weights);
  CHECK(parts.best == whole.best);
  CHECK(parts.state == whole.state);
}

}  // namespace

TEST_CASE("a run that was stopped and resumed is the unbroken one, to the bit") {
  struct Case {
    nn::CellKind cell;
    int64_t layers;
    Shape shape;
    OptimizerKind optimizer;
    std::set<int64_t> stops;
    nn::Activation activation = nn::Activation::tanh;
  };
  constexpr auto rnn = nn::CellKind::rnn, lstm = nn::CellKind::lstm, gru = nn::CellKind::gru;
  constexpr auto adam = OptimizerKind::adam, rmsprop = OptimizerKind::rmsprop,
                 sgd = OptimizerKind::sgd;
  constexpr auto many = Shape::many_to_many, one = Shape::many_to_one;
  constexpr auto relu = nn::Activation::relu;
  const Case cases[] = {
      {rnn, 1, many, adam, {1}},
      {rnn, 2, one, rmsprop, {5}},
      {rnn, 3, many, sgd, {11}},
      {rnn, 1, one, sgd, {4, 5}, relu},
      {rnn, 2, many, adam, {7}, relu},
      {rnn, 3, many, rmsprop, {2}, relu},
      {lstm, 1, many, rmsprop, {3, 6, 9}},
      {lstm, 2, many, adam, {1, 2, 3}},
      {lstm, 3, one, sgd, {8}},
      {lstm, 2, one, adam, {6}},
      {gru, 1, one, adam, {10}},
      {gru, 2, many, sgd, {4}},
      {gru, 3, many, rmsprop, {7}},
      {gru, 1, many, adam, {5, 10}},
  };
  for (const Case& c : cases) {
    for (const nn::Precision precision : {nn::Precision::f32, nn::Precision::bf16}) {
      if (precision == nn::Precision::bf16 && !nn::has_bf16_products()) continue;
      TrainOptions options = small_options();
      options.cell = c.cell;
      options.activation = c.activation;
      options.num_layers = c.layers;
      options.shape = c.shape;
      options.optimizer = c.optimizer;
      options.dropout = 0.3;
      options.reset_state = 0.2;
      options.precision = precision;
      options.eval_every = 5;
      INFO(name_of(c.cell), " ", name_of(c.activation), ", ", c.layers, " layers, ",
           name_of(c.shape), ", ", name_of(c.optimizer), ", ", name_of(precision));
      check_resumes_exactly(options, tiny_text(), c.stops);
    }
  }
}

TEST_CASE("resuming is exact with every further option, across the end of an epoch") {
  struct Case {
    const char* what;
    void (*set)(TrainOptions&);
  };
  const Case cases[] = {
      {"layer normalisation and a learned initial state",
       [](TrainOptions& o) { o.layer_norm = true, o.initial_state = nn::InitialState::learned; }},
      {"documents", [](TrainOptions& o) { o.documents = text::Documents::line; }},
      {"documents, many-to-one",
       [](TrainOptions& o) { o.documents = text::Documents::line, o.shape = Shape::many_to_one; }},
      {"embedding and weight decay",
       [](TrainOptions& o) { o.embedding_size = 6, o.weight_decay = 0.1; }},
      {"linear schedule, clipping by value",
       [](TrainOptions& o) { o.schedule = ScheduleKind::linear, o.clip_value = 0.01; }},
      {"saving more often than evaluating", [](TrainOptions& o) { o.save_every = 1; }},
      {"evaluating by share of the run", [](TrainOptions& o) { o.eval_every = 0; }},
      {"no validation part", [](TrainOptions& o) { o.split = "100/0/0"; }},
      {"length in epochs", [](TrainOptions& o) { o.steps = 0, o.epochs = 2.5; }},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    TrainOptions options = small_options();
    options.cell = nn::CellKind::gru;
    options.dropout = 0.2;
    options.steps = 22;
    options.eval_every = 4;
    c.set(options);
    check_resumes_exactly(options, tiny_text().substr(0, 900), {1, 9, 10, 13});
  }
}

TEST_CASE(
    "a resumed run may be longer, on other threads, with a constant rate it is the same run") {
  TrainOptions options = small_options();
  options.schedule = ScheduleKind::constant;
  options.steps = 6;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const TempDir dir;
  const RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  CHECK(Trainer(options, corpus).run(files, {}).reason == StopReason::finished);
  options.steps = 12;
  const std::vector<float> whole = weights_trained_on(tiny_text(), options);
  options.threads = 2;
  const auto trainer = resumed(options, corpus, files);
  CHECK(trainer->run(files, {}).last.step == 12);
  CHECK(trainer->current().weights == whole);
}

TEST_CASE("resuming refuses another corpus, other options and a checkpoint without its state") {
  const TrainOptions options = small_options();
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const TempDir dir;
  const RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  Trainer(options, corpus).run(files, {});
  const model::ModelFile checkpoint = model::load_model_file(files.last, true);

  const auto message = [&](const TrainOptions& changed, const text::Corpus& text,
                           const model::ModelFile& file) -> std::string {
    try {
      Trainer(changed, text, {.resume = &file});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message(options, corpus, checkpoint).empty());

  TrainOptions changed = options;
  changed.hidden_size = 21;
  CHECK(says(message(changed, corpus, checkpoint), "--hidden-size"));
  // The same characters as often, in another order.
  std::string other = tiny_text();
  std::swap(other[0], other[1]);
  CHECK(says(message(options, corpus_of(other, options), checkpoint), "not the text of the run"));
  CHECK(says(message(options, corpus_of(tiny_text() + "!", options), checkpoint), "vocabulary"));

  model::ModelFile broken = checkpoint;
  broken.extra_metadata.erase("state.step");
  CHECK(says(message(options, corpus, broken), "state.step"));
  broken = checkpoint;
  broken.extra_metadata["state.chunk"] = "99999999";
  CHECK(says(message(options, corpus, broken), "contradict"));
  for (const char* name : {"state.moment.0", "state.moment.1", "state.hidden"}) {
    broken = checkpoint;
    std::erase_if(broken.extra, [&](const model::ExtraTensor& t) { return t.name == name; });
    CHECK(says(message(options, corpus, broken), name));
  }
}
