#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <limits>

#include "base/random.h"
#include "support/refusal.h"
#include "support/stopped_training.h"
#include "train/run_record.h"

using namespace inkling;
using namespace inkling::testing;
using namespace inkling::train;

namespace {

// A machine whose k-th step takes step_seconds(k), in which its processor is busy as long.
Clock clock_of(const std::function<double(int64_t)>& step_seconds) {
  struct State {
    int64_t readings = 0;
    ClockReading now;
  };
  return [step_seconds, state = std::make_shared<State>()]() mutable {
    if (state->readings++ % 2 == 1) {
      const double seconds = step_seconds(state->readings / 2 - 1);
      state->now.wall += seconds, state->now.processor += seconds;
    }
    return state->now;
  };
}

Clock steady_clock(double seconds) {
  return clock_of([=](int64_t) { return seconds; });
}

// Every step takes another time: no two runs are alike.
Clock uneven_clock(uint64_t seed) {
  return clock_of([random = Random(seed)](int64_t) mutable { return random.uniform(0.2, 3); });
}

TrainOptions timed_options() {
  TrainOptions options = small_options();
  options.steps = 0;
  options.time = "30s";
  options.dropout = 0.2;
  return options;
}

// The checkpoint of a run, kept beyond its folder.
struct Recorded {
  Outcome outcome;
  model::ModelFile checkpoint;
};

Recorded record(const TrainOptions& options, const text::Corpus& corpus,
                const TrainCallbacks& callbacks, const TrainStart& start = {}) {
  const TempDir dir;
  RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  Trainer trainer(options, corpus, start);
  const TrainResult result = trainer.run(files, callbacks);
  return {outcome_of(trainer, files, result), model::load_model_file(files.last, true)};
}

TrainResult check_replays(const TrainOptions& options, const TrainCallbacks& callbacks,
                          const std::set<int64_t>& stops = {}) {
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const Recorded run = record(options, corpus, callbacks);
  TrainCallbacks other = callbacks;
  other.clock = steady_clock(1e6);  // time has no say
  other.should_stop = nullptr;
  const Outcome replay = run_with_stops(options, corpus, stops, other, {.replay = &run.checkpoint});
  CHECK(replay.weights == run.outcome.weights);
  CHECK(replay.best == run.outcome.best);
  CHECK(replay.result.replay_agrees == true);
  CHECK(replay.result.last.step == run.outcome.result.last.step);
  return run.outcome.result;
}

}  // namespace

TEST_CASE("a short run is not mostly evaluation") {
  TrainOptions options = small_options();
  options.steps = 0, options.time = "0.5s", options.split = "5/95/0", options.eval_every = 0;
  std::string text;
  for (int i = 0; i < 60; ++i) text += tiny_text();
  const text::Corpus corpus = corpus_of(text, options);
  Trainer trainer(options, corpus);
  TrainCallbacks callbacks;
  int evaluations = 0;
  callbacks.on_evaluation = [&](const Progress&) { ++evaluations; };
  const auto begin = std::chrono::steady_clock::now();
  trainer.run({}, callbacks);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  MESSAGE(took.count(), " s, ", evaluations, " evaluations");
  CHECK(evaluations >= 2);  // the first tenth's, and the last
  CHECK(evaluations <= 4);
}

TEST_CASE("a run ends when the time of its steps is over, whatever the clocks do besides") {
  const TrainOptions options = timed_options();
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const auto steps_by = [&](const Clock& clock) {
    Trainer trainer(options, corpus);
    TrainCallbacks callbacks;
    callbacks.clock = clock;
    const TrainResult result = trainer.run({}, callbacks);
    CHECK(result.reason == StopReason::finished);
    return result.last.step;
  };
  CHECK(steps_by(steady_clock(0.5)) == 60);
  // The wall's clock is set by an hour, forward and back, in the tenth step.
  for (const double jump : {3600.0, -3600.0}) {
    int64_t reading = 0;
    ClockReading now;
    const int64_t steps = steps_by([&] {
      if (reading++ % 2 == 1) {
        now.wall += reading / 2 == 10 ? jump : 0.5;
        now.processor += 0.5;
      }
      return now;
    });
    CHECK(steps == (jump > 0 ? 49 : 61));  // six seconds, or none, counted for that step
  }
}

TEST_CASE("a timed run goes on with the time it had left, to the bit where steps take as long") {
  const TrainOptions options = timed_options();
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  TrainCallbacks callbacks;
  callbacks.clock = steady_clock(1);
  const Outcome whole = run_with_stops(options, corpus, {}, callbacks);
  CHECK(whole.result.last.step == 30);
  CHECK(whole.result.last.seconds == doctest::Approx(30));
  const Outcome parts = run_with_stops(options, corpus, {7, 8, 21}, callbacks);
  CHECK(parts.result.last.seconds == doctest::Approx(30));
  check_same(parts, whole);
}

TEST_CASE("a timed run is repeated to the bit from its record") {
  TrainCallbacks callbacks;
  TrainOptions options = timed_options();
  callbacks.clock = uneven_clock(1);
  check_replays(options, callbacks);
  check_replays(options, callbacks, {1, 5, 9});

  INFO("the schedule matters");
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  callbacks.clock = uneven_clock(2);
  const Outcome one = run_with_stops(options, corpus, {}, callbacks);
  callbacks.clock = uneven_clock(3);
  CHECK(one.weights != run_with_stops(options, corpus, {}, callbacks).weights);
}

TEST_CASE("a record is exact with weight decay, patience, documents, divergence and a stop") {
  struct Case {
    const char* what;
    void (*set)(TrainOptions&);
    int64_t stop;  // 0 = none
    bool (*is_such)(const TrainResult&) = [](const TrainResult&) { return true; };
  };
  const Case cases[] = {
      {"weight decay", [](TrainOptions& o) { o.weight_decay = 0.3; }, 0},
      {"patience", [](TrainOptions& o) { o.learning_rate = 1e-30, o.patience = 1; }, 0,
       [](const TrainResult& r) { return r.reason == StopReason::patience; }},
      {"documents", [](TrainOptions& o) { o.documents = text::Documents::line; }, 0},
      {"divergence",
       [](TrainOptions& o) {
         o.cell = nn::CellKind::rnn, o.activation = nn::Activation::relu, o.clip_norm = 0;
         o.optimizer = OptimizerKind::sgd, o.learning_rate = 12, o.time = "200s";
       },
       0, [](const TrainResult& r) { return r.ways_back > 0; }},
      {"measured in steps", [](TrainOptions& o) { o.time = "", o.steps = 15; }, 0},
      {"stopped before it was evaluated", [](TrainOptions&) {}, 1},
      {"stopped between evaluations", [](TrainOptions& o) { o.eval_every = 3; }, 7},
  };
  for (const Case& c : cases) {
    INFO(std::string(c.what));
    TrainOptions options = timed_options();
    c.set(options);
    TrainCallbacks callbacks;
    callbacks.clock = uneven_clock(4);
    int64_t step = 0;
    callbacks.on_step = [&](const Progress& progress) { step = progress.step; };
    if (c.stop > 0) callbacks.should_stop = [&] { return step == c.stop; };
    CHECK(c.is_such(check_replays(options, callbacks)));
  }
}

TEST_CASE("a repeated run needs the weights that the run began with, and its corpus and options") {
  TrainOptions options = timed_options();
  options.time = "5s";
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  TrainCallbacks callbacks;
  callbacks.clock = uneven_clock(5);
  const Recorded first = record(options, corpus, callbacks);
  const model::LanguageModel& other = first.checkpoint.model;
  const Recorded second = record(options, corpus, callbacks, {.init_from = &other});

  const auto message = [&](const TrainStart& start, const text::Corpus& text,
                           const TrainOptions& given) -> std::string {
    try {
      Trainer(given, text, start);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message({.init_from = &other, .replay = &second.checkpoint}, corpus, options).empty());
  CHECK(
      says(message({.replay = &second.checkpoint}, corpus, options), "give that with --init-from"));
  CHECK(says(message({.init_from = &other, .replay = &first.checkpoint}, corpus, options),
             "leave --init-from out"));
  TrainOptions longer = options;
  longer.time = "6s";
  CHECK(says(message({.replay = &first.checkpoint}, corpus, longer), "--time differs"));
  CHECK(message({.resume = &first.checkpoint}, corpus, longer).empty());
  const std::string half = tiny_text().substr(0, tiny_text().size() / 2);
  CHECK(says(message({.replay = &first.checkpoint}, corpus_of(half, options), options),
             "that of the run that is repeated"));

  for (const auto& [steps, sentence] :
       {std::pair{"0", "has not taken a step yet"}, {"9999", "contradict each other"}}) {
    Recorded forged = first;
    forged.checkpoint.extra_metadata["state.step"] = steps;
    CHECK(says(message({.replay = &forged.checkpoint}, corpus, options), sentence));
  }

  // Weights that were not those at the end are told.
  Recorded changed = first;
  changed.checkpoint.model.weights[0] += 1;
  Trainer trainer(options, corpus, {.replay = &changed.checkpoint});
  CHECK(trainer.run({}, {}).replay_agrees == false);
}

TEST_CASE("a record that contradicts itself is refused") {
  const TrainOptions options = small_options();
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const model::ModelFile good = record(options, corpus, {}).checkpoint;
  const auto with = [&](const std::vector<float>& rates, const std::vector<int64_t>& evaluations) {
    model::ModelFile file = good;
    std::erase_if(file.extra, [](const model::ExtraTensor& t) {
      return t.name == "state.learning_rates" || t.name == "state.evaluations";
    });
    const RunRecord record{rates, evaluations};
    model::ModelView saved{file.model};
    record.save(saved);
    for (const model::TensorView& view : saved.extra) {
      file.extra.push_back(
          {view.name, view.dtype, view.shape, {view.bytes.begin(), view.bytes.end()}});
    }
    return refusal([&] { RunRecord::load(file); });
  };
  CHECK(with({1, 2, 3}, {1, 3}).empty());
  CHECK(with({}, {}).empty());
  const float none = std::numeric_limits<float>::quiet_NaN();
  for (const std::string& sentence : {with({1, none}, {}), with({1, 2}, {3}), with({1, 2}, {0}),
                                      with({1, 2}, {2, 1}), with({1, 2}, {1, 1})}) {
    CHECK(says(sentence, "contradicts itself"));
  }
}
