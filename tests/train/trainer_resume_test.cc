#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "nn/kernels/instruction_set.h"
#include "support/refusal.h"
#include "support/stopped_training.h"
#include "train/option_record.h"

using namespace inkling;
using namespace inkling::testing;
using namespace inkling::train;

namespace {

using Shape = model::Shape;

void check_resumes_exactly(const TrainOptions& options, const std::string& text,
                           const std::set<int64_t>& stops) {
  const text::Corpus corpus = corpus_of(text, options);
  check_same(run_with_stops(options, corpus, stops), run_with_stops(options, corpus, {}));
}

}  // namespace

TEST_CASE("a run that was stopped and resumed is the unbroken one, to the bit") {
  struct Network {
    nn::CellKind cell;
    nn::Activation activation;
  };
  constexpr auto tanh = nn::Activation::tanh;
  const Network networks[] = {{nn::CellKind::rnn, tanh},
                              {nn::CellKind::rnn, nn::Activation::relu},
                              {nn::CellKind::lstm, tanh},
                              {nn::CellKind::gru, tanh}};
  const OptimizerKind optimizers[] = {OptimizerKind::adam, OptimizerKind::rmsprop,
                                      OptimizerKind::sgd};
  // Every combination of these, each with other stops.
  for (size_t number = 0; number < size_t{4} * 3 * 2 * 3 * 2 * 2; ++number) {
    size_t rest = number;
    const auto choose = [&](size_t choices) {
      const size_t chosen = rest % choices;
      rest /= choices;
      return chosen;
    };
    const Network network = networks[choose(4)];
    const bool in_epochs = choose(2) == 1, many_to_one = choose(2) == 1, bf16 = choose(2) == 1;
    TrainOptions options = small_options();
    options.cell = network.cell;
    options.activation = network.activation;
    options.num_layers = 1 + static_cast<int64_t>(choose(3));
    options.optimizer = optimizers[choose(3)];
    options.shape = many_to_one ? Shape::many_to_one : Shape::many_to_many;
    options.precision = bf16 ? nn::Precision::bf16 : nn::Precision::f32;
    if (bf16 && !nn::has_bf16_products()) continue;
    options.hidden_size = 6;
    options.batch_size = 3;
    options.bptt = options.context = 5;
    options.dropout = 0.3;
    options.reset_state = 0.2;
    options.eval_every = 4;
    options.steps = in_epochs ? 0 : 8;
    options.epochs = in_epochs ? 2 : 0;
    INFO(command_line(options));
    const auto first = static_cast<int64_t>(1 + number % 7),
               second = static_cast<int64_t>(1 + number / 4 % 7);
    check_resumes_exactly(options, tiny_text().substr(0, many_to_one ? 20 : 80), {first, second});
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
      {"variational dropout and weight drop",
       [](TrainOptions& o) { o.variational = true, o.weight_drop = 0.3; }},
      {"input dropout", [](TrainOptions& o) { o.input_dropout = 0.3; }},
      {"input dropout, many-to-one",
       [](TrainOptions& o) { o.input_dropout = 0.3, o.shape = Shape::many_to_one; }},
      {"networks side by side", [](TrainOptions& o) { o.stacks = 3, o.weight_decay = 0.1; }},
      {"no averaging", [](TrainOptions& o) { o.averaging = 0; }},
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

TEST_CASE("resuming is exact where only the characters that occur are updated") {
  for (const int64_t embedding : {0, 5}) {
    CAPTURE(embedding);
    TrainOptions options = small_options();
    options.embedding_size = embedding;
    options.weight_decay = 0.1;
    options.eval_every = 4;
    check_resumes_exactly(options, many_characters(1200), {1, 5, 10});
  }
}

TEST_CASE("a checkpoint need not say when each row was updated, but may not say what cannot be") {
  const TrainOptions options = small_options();
  const text::Corpus corpus = corpus_of(many_characters(1200), options);
  const TempDir dir;
  const RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  Trainer(options, corpus).run(files, {});
  const model::ModelFile whole = model::load_model_file(files.last, true);
  const auto resume_with = [&](auto&& change) {
    model::ModelFile file = whole;
    const auto tensor = std::find_if(file.extra.begin(), file.extra.end(),
                                     [](const auto& t) { return t.name == "state.row_updates"; });
    REQUIRE(tensor != file.extra.end());
    change(file, tensor);
    return refusal([&] { Trainer(options, corpus, {.resume = &file}); });
  };
  CHECK(resume_with([](auto& file, auto tensor) { file.extra.erase(tensor); }).empty());
  CHECK(says(resume_with([](auto&, auto tensor) { tensor->bytes[0] = std::byte{13}; }),
             "row_updates"));
  CHECK(says(resume_with([](auto&, auto tensor) { tensor->bytes[7] = std::byte{255}; }),
             "row_updates"));
  CHECK(says(resume_with([](auto&, auto tensor) { tensor->bytes.resize(80); }), "row_updates"));
}

TEST_CASE(
    "a resumed run may be longer, on other threads, with a constant rate it is the same run") {
  TrainOptions options = small_options();
  options.schedule = ScheduleKind::constant;
  options.steps = 6;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const TempDir dir;
  RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  CHECK(Trainer(options, corpus).run(files, {}).reason == StopReason::finished);
  options.steps = 12;
  const std::vector<float> whole = weights_trained_on(tiny_text(), options);
  options.threads = 2;
  const auto trainer = resumed(options, corpus, files);
  CHECK(trainer->run(files, {}).last.step == 12);
  CHECK(trainer->current().weights == whole);
}

TEST_CASE("a run resumed with a longer length is evaluated in each tenth of that") {
  TrainOptions options = small_options();
  options.steps = 10, options.eval_every = 0;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const TempDir dir;
  RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  Trainer(options, corpus).run(files, {});
  options.steps = 100;
  std::vector<int64_t> evaluated;
  TrainCallbacks callbacks;
  callbacks.on_evaluation = [&](const Progress& p) { evaluated.push_back(p.step); };
  resumed(options, corpus, files)->run(files, callbacks);
  CHECK(evaluated == std::vector<int64_t>{20, 30, 40, 50, 60, 70, 80, 90, 100});
}

TEST_CASE("a run that has ended by patience takes no further step when it is resumed") {
  TrainOptions options = small_options();
  options.learning_rate = 1e-30;
  options.steps = 100, options.eval_every = 2, options.patience = 3;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const TempDir dir;
  RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  Trainer(options, corpus).run(files, {});
  const std::string before = read_file(files.last);
  const TrainResult again = resumed(options, corpus, files)->run(files, {});
  CHECK(again.reason == StopReason::patience);
  CHECK(again.last.step == 8);
  CHECK(read_file(files.last) == before);
}

TEST_CASE("another run's model in the place of the best one is not taken for it") {
  TrainOptions options = small_options();
  options.steps = 4, options.eval_every = 2, options.storage = Storage::bf16;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const TempDir dir;
  RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  Trainer(options, corpus).run(files, {});
  const RunFiles other = RunFiles::for_output(dir.file("other.safetensors"));
  Trainer(options, corpus_of("abababababababab", options)).run(other, {});
  std::filesystem::copy_file(other.best, files.best,
                             std::filesystem::copy_options::overwrite_existing);
  std::vector<std::string> notices;
  TrainCallbacks callbacks;
  callbacks.on_notice = [&](const std::string& notice) { notices.push_back(notice); };
  const TrainResult result = resumed(options, corpus, files)->run(files, callbacks);
  REQUIRE(notices.size() == 1);
  CHECK(says(notices[0], "m.safetensors: it is the model of another run; the best model so far"));
  CHECK(result.best_step == 0);
  CHECK(model::load_model(files.best).vocabulary() == corpus.tokenizer.vocabulary());
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
  CHECK(says(message(options, corpus_of(other, options), checkpoint), "some differ"));
  CHECK(says(message(options, corpus_of(tiny_text() + "!", options), checkpoint),
             "characters, then"));

  model::ModelFile broken = checkpoint;
  broken.extra_metadata.erase("state.step");
  CHECK(says(message(options, corpus, broken), "state.step"));
  broken = checkpoint;
  broken.extra_metadata["state.chunk"] = "99999999";
  CHECK(says(message(options, corpus, broken), "contradict"));
  broken = checkpoint;
  broken.extra_metadata["state.batch_size"] = "9";
  CHECK(says(message(options, corpus, broken), "its batch does not fit its text"));
  broken = checkpoint;
  broken.extra_metadata.erase("state.good.updates");
  CHECK(says(message(options, corpus, broken), "it lacks 'state.good.updates'"));
  for (const char* updates : {"x", "-1", "1.5", "7x", "9007199254740993"}) {
    broken = checkpoint;
    broken.extra_metadata["state.good.updates"] = updates;
    CHECK(
        says(message(options, corpus, broken), std::string("is '") + updates + "', not a number"));
  }
  broken = checkpoint;
  broken.model.history.precision = "auto";
  CHECK(says(message(options, corpus, broken), "its precision is "));
  for (const char* name : {"state.moment.0", "state.moment.1", "state.hidden"}) {
    broken = checkpoint;
    std::erase_if(broken.extra, [&](const model::ExtraTensor& t) { return t.name == name; });
    CHECK(says(message(options, corpus, broken), name));
  }
}

TEST_CASE("a run goes on in the precision that it began with, or says that it cannot") {
  TrainOptions options = small_options();
  options.precision = nn::Precision::automatic;
  const text::Corpus corpus = corpus_of(tiny_text(), options);
  const TempDir dir;
  const RunFiles files = RunFiles::for_output(dir.file("m.safetensors"));
  Trainer(options, corpus).run(files, {});
  model::ModelFile checkpoint = model::load_model_file(files.last, true);
  for (const nn::Precision before : {nn::Precision::f32, nn::Precision::bf16}) {
    CAPTURE(name_of(before));
    checkpoint.model.history.precision = std::string(name_of(before));
    const Trainer trainer(options, corpus, {.resume = &checkpoint});
    const std::vector<std::string>& notices = trainer.plan().notices;
    if (before == nn::Precision::f32 || nn::has_bf16_products()) {
      CHECK(trainer.plan().precision == before);
      CHECK(notices.empty());
    } else {
      CHECK(trainer.plan().precision == nn::Precision::f32);
      REQUIRE(notices.size() == 1);
      CHECK(says(notices[0], "the run was trained in bf16 so far, and this is f32"));
    }
  }
}
