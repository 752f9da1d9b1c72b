#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/parameter_layout.h"
#include "support/refusal.h"
#include "support/stopped_training.h"

using namespace inkling;
using namespace inkling::testing;
using namespace inkling::train;

namespace {

bool all_finite(const std::vector<float>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](float x) { return std::isfinite(x); });
}

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

// Breaks something in the steps [from, to), counted from 0.
struct Fault {
  enum class In { one_gradient, all_gradients, weight } in{};
  float value = not_a_number;
  int64_t from = 0, to = 0;
};

TrainCallbacks with_fault(const Fault& fault, const TrainPlan& plan) {
  TrainCallbacks callbacks;
  const nn::ParameterLayout layout(plan.config.network);
  const auto recurrent = static_cast<size_t>(layout.at("rnn.weight_hh_l0").offset);
  auto step = std::make_shared<int64_t>(0);
  callbacks.on_step = [=](const Progress& progress) { *step = progress.step; };
  callbacks.before_update = [=](std::span<float> weights, std::span<float> gradient) {
    if (*step < fault.from || *step >= fault.to) return;
    if (fault.in == Fault::In::one_gradient) gradient[0] = fault.value;
    if (fault.in == Fault::In::all_gradients) {
      for (const nn::ParameterInfo& info : layout.all())
        std::fill_n(gradient.data() + info.offset, info.size(), fault.value);
    }
    if (fault.in == Fault::In::weight) weights[recurrent] = fault.value;
  };
  return callbacks;
}

TrainOptions faulty_options() {
  TrainOptions options = small_options();
  options.steps = 30;
  options.eval_every = 4;
  options.save_every = 1;
  options.schedule = ScheduleKind::constant;
  options.warmup_steps = 0;
  return options;
}

}  // namespace

TEST_CASE("a fault that is planted is skipped, counted, and gone back from") {
  using In = Fault::In;
  struct Case {
    const char* what;
    Fault fault;
    int64_t skipped, ways_back;
    StopReason reason;
  };
  constexpr auto finished = StopReason::finished, diverged = StopReason::diverged;
  const Case cases[] = {
      {"one gradient", {In::one_gradient, not_a_number, 6, 7}, 1, 0, finished},
      {"one gradient, infinite", {In::one_gradient, -infinity, 6, 7}, 1, 0, finished},
      {"all gradients", {In::all_gradients, not_a_number, 6, 7}, 1, 0, finished},
      {"twice in a row", {In::one_gradient, not_a_number, 6, 8}, 2, 0, finished},
      {"three times", {In::one_gradient, not_a_number, 6, 9}, 3, 1, finished},
      {"nine times", {In::all_gradients, not_a_number, 6, 15}, 9, 3, finished},
      {"for good", {In::all_gradients, not_a_number, 6, 1000}, 12, 4, diverged},
      {"from the beginning", {In::all_gradients, not_a_number, 0, 1000}, 12, 4, diverged},
      // The step that breaks the weight ends an update; those after it are skipped.
      {"a weight", {In::weight, not_a_number, 5, 6}, 2, 1, finished},
      {"a weight, infinite", {In::weight, infinity, 8, 9}, 3, 1, finished},
      {"a weight for good", {In::weight, not_a_number, 8, 1000}, 12, 4, diverged},
  };
  const TrainOptions options = faulty_options();
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  for (const Case& c : cases) {
    INFO(std::string(c.what));
    const TempDir dir;
    UnsyncedCalls calls;
    RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
    files.calls = &calls;
    Trainer trainer(options, corpus);
    TrainCallbacks callbacks = with_fault(c.fault, trainer.plan());
    callbacks.on_notice = [&](const std::string& sentence) {
      CHECK_FALSE(says(sentence, "training goes on"));  // a save that failed
    };
    callbacks.should_save = [&] {
      // Whatever the last step did, what is on the disk is finite: loading checks that.
      CHECK(refusal([&] { model::load_model_file(files.last, true); }).empty());
      return false;
    };
    const TrainResult result = trainer.run(files, callbacks);
    CHECK(result.reason == c.reason);
    CHECK(result.last.skipped_steps == c.skipped);
    CHECK(result.ways_back == c.ways_back);
    CHECK(result.last.learning_rate ==
          doctest::Approx(options.learning_rate / std::pow(2, std::min<int64_t>(3, c.ways_back))));
    CHECK(all_finite(trainer.current().weights));
    CHECK(all_finite(model::load_model(files.best).weights));
    CHECK(model::load_model(files.best).weights == trainer.best().weights);
  }
}

TEST_CASE("a skipped step changes neither weights nor moments") {
  TrainOptions options = faulty_options();
  options.steps = 6;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const Fault fault{Fault::In::one_gradient, not_a_number, 5, 6};
  const Outcome broken =
      run_with_stops(options, corpus, {}, with_fault(fault, Trainer(options, corpus).plan()));
  options.steps = 5;
  options.eval_every = 5;
  const Outcome whole = run_with_stops(options, corpus, {});
  CHECK(broken.weights == whole.weights);
  CHECK(broken.state.at("state.moment.0") == whole.state.at("state.moment.0"));
  CHECK(broken.state.at("state.moment.1") == whole.state.at("state.moment.1"));
  CHECK(broken.metadata.at("state.updates") == "5");
}

TEST_CASE("a run that goes back is resumed exactly, before, within and after it") {
  using In = Fault::In;
  const TrainOptions options = faulty_options();
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const TrainPlan plan = Trainer(options, corpus).plan();
  for (const Fault& fault :
       {Fault{In::weight, not_a_number, 10, 11}, Fault{In::all_gradients, not_a_number, 9, 14}}) {
    const Outcome whole = run_with_stops(options, corpus, {}, with_fault(fault, plan));
    CHECK(whole.result.ways_back == 1);
    for (int64_t stop = 1; stop < 20; stop += 1 + (stop < 8 || stop > 15)) {
      CAPTURE(stop);
      // Asked for until it is done: weights that are not finite are waited out.
      bool wanted = true;
      int64_t step = 0;
      TrainCallbacks callbacks = with_fault(fault, plan);
      const auto count = callbacks.on_step;
      callbacks.on_step = [&](const Progress& progress) { count(progress), step = progress.step; };
      callbacks.should_stop = [&] { return wanted && step >= stop; };
      const TempDir dir;
      UnsyncedCalls calls;
      RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
      files.calls = &calls;
      CHECK(Trainer(options, corpus).run(files, callbacks).reason == StopReason::interrupted);
      wanted = false;
      const auto trainer = resumed(options, corpus, files);
      check_same(outcome_of(*trainer, files, trainer->run(files, callbacks)), whole);
    }
  }
}

TEST_CASE("a loss that is finite and hopeless is a divergence too") {
  for (const nn::CellKind cell : {nn::CellKind::rnn, nn::CellKind::lstm, nn::CellKind::gru}) {
    INFO(name_of(cell));
    TrainOptions options = small_options();
    options.cell = cell;
    options.learning_rate = 1e6;
    options.steps = 300;
    const text::Corpus corpus = corpus_of(tiny_text(), options);
    const TempDir dir;
    UnsyncedCalls calls;
    RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
    files.calls = &calls;
    const TrainResult result = Trainer(options, corpus).run(files, {});
    CHECK(result.reason == StopReason::diverged);
    CHECK(all_finite(model::load_model(files.best).weights));
    CHECK(all_finite(model::load_model(files.last).weights));
  }
}

TEST_CASE("a run that diverges goes back, halves its rate, and ends with finite weights") {
  struct Case {
    std::string what;
    void (*set)(TrainOptions&);
  };
  const Case cases[] = {
      {"gradients that are not finite", [](TrainOptions& o) { o.learning_rate = 1e30; }},
      {"weights that are not finite",
       [](TrainOptions& o) { o.learning_rate = 1e38, o.optimizer = OptimizerKind::sgd; }},
      {"no clipping", [](TrainOptions& o) { o.learning_rate = 1e30, o.clip_norm = 0; }},
      {"an evaluation at every step",
       [](TrainOptions& o) { o.learning_rate = 1e38, o.clip_norm = 0, o.eval_every = 1; }},
      {"no validation part",
       [](TrainOptions& o) {
         o.learning_rate = 1e38, o.clip_norm = 0, o.eval_every = 1, o.split = "100/0/0";
       }},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    TrainOptions options = small_options();
    options.cell = nn::CellKind::rnn;
    options.activation = nn::Activation::relu;
    options.num_layers = 2;
    options.steps = 400;
    options.warmup_steps = 0;
    options.schedule = ScheduleKind::constant;
    c.set(options);
    const text::Corpus corpus = corpus_of(tiny_text(), options);
    const TempDir dir;
    const RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
    Trainer trainer(options, corpus);
    int64_t ways_back = 0;
    TrainCallbacks callbacks;
    callbacks.on_notice = [&](const std::string& sentence) {
      ways_back += says(sentence, "half the learning rate");
      CHECK_FALSE(says(sentence, "training goes on"));  // a save that failed
    };
    const TrainResult result = trainer.run(files, callbacks);
    CHECK(result.reason == StopReason::diverged);
    CHECK(ways_back == 3);
    CHECK(result.last.learning_rate == doctest::Approx(options.learning_rate / 8));
    CHECK(all_finite(trainer.current().weights));
    CHECK(all_finite(trainer.best().weights));
  }
}

TEST_CASE("a run that goes back can end well") {
  // Which of these rates breaks depends on the last bits; one that neither learns at once nor
  // diverges for good is among them.
  int recovered = 0;
  for (const double rate : {8, 9, 10, 11, 12, 20, 30, 40}) {
    TrainOptions options = small_options();
    options.cell = nn::CellKind::rnn;
    options.activation = nn::Activation::relu;
    options.optimizer = OptimizerKind::sgd;
    options.learning_rate = rate;
    options.momentum = 0;
    options.clip_norm = 0;
    options.steps = 100;
    options.eval_every = 10;
    const text::Corpus corpus = corpus_of(tiny_text(), options);
    Trainer trainer(options, corpus);
    int64_t ways_back = 0;
    TrainCallbacks callbacks;
    callbacks.on_notice = [&](const std::string& sentence) {
      ways_back += says(sentence, "half the learning rate");
    };
    const TrainResult result = trainer.run({}, callbacks);
    CHECK(all_finite(trainer.current().weights));
    recovered += ways_back > 0 && result.reason == StopReason::finished;
  }
  CHECK(recovered > 0);
}

namespace {

// Breaks the weights of steps from some of them on: the head is sure of one character, so that the
// loss is finite and hopeless.
void be_sure(std::span<float> weights, const TrainPlan& plan) {
  const nn::ParameterLayout layout(plan.config.network);
  weights[static_cast<size_t>(layout.at("fc.bias").offset)] = 1e4F;
}

}  // namespace

TEST_CASE("evaluations of diverged weights do not pass for a text learned by heart") {
  TrainOptions options = faulty_options();
  options.steps = 200;
  options.eval_every = 12;  // of 1,080 characters
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  Trainer trainer(options, corpus);
  int64_t step = 0;
  TrainCallbacks callbacks;
  callbacks.on_step = [&](const Progress& progress) { step = progress.step; };
  callbacks.before_update = [&](std::span<float> weights, std::span<float>) {
    if (step > 30) be_sure(weights, trainer.plan());
  };
  for (const int64_t patience : {-1, 2}) {
    options.patience = patience;
    step = 0;
    Trainer patient(options, corpus);
    const TrainResult result = patient.run({}, callbacks);
    CHECK(result.best_step == 24);
    CHECK(result.reason == StopReason::diverged);
    CHECK(result.ways_back == 4);
    CHECK(std::isnan(result.last.val_loss));
  }
}

TEST_CASE("weights that were gone back to are not judged by the loss of the others") {
  TrainOptions options = faulty_options();
  options.steps = 48;
  options.eval_every = 24;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  Trainer trainer(options, corpus);
  int64_t step = 0;
  double train_loss = 0;
  TrainCallbacks callbacks;
  callbacks.on_step = [&](const Progress& progress) {
    step = progress.step;
    train_loss = progress.train_loss;
  };
  callbacks.before_update = [&](std::span<float> weights, std::span<float> gradient) {
    if (step == 25) be_sure(weights, trainer.plan());
    if (step >= 30 && step < 33) gradient[0] = not_a_number;
  };
  const TrainResult result = trainer.run({}, callbacks);
  CHECK(result.reason == StopReason::finished);
  CHECK(result.ways_back == 1);
  CHECK(train_loss < 10);
}
