#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "model/evaluate.h"
#include "model/parameter_codec.h"
#include "nn/chunk_engine.h"
#include "nn/initialize.h"
#include "nn/kernels/instruction_set.h"
#include "nn/threads.h"
#include "text/batches.h"
#include "train/optimizer.h"
#include "train/option_record.h"
#include "train/run_state.h"
#include "train/schedule.h"
#include "train/vocabulary_map.h"

namespace inkling::train {
namespace {

constexpr int64_t evaluations_in_a_run = 10;
constexpr double default_seconds = 300;
constexpr int64_t skips_before_going_back = 3;
constexpr int64_t most_ways_back = 3;
constexpr int64_t one_hot_up_to = 1000;        // characters
constexpr int64_t chosen_embedding_size = 128;
// Validation while training: side by side, each stream warmed up, and at most so many characters.
constexpr int64_t validation_streams = 64, validation_warm_up = 256, validation_characters = 1 << 18;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

RunFiles RunFiles::for_output(const std::string& output) {
  const std::filesystem::path path(output);
  const std::string stem = path.extension() == ".safetensors" ? std::filesystem::path(path).replace_extension().string() : output;
  return {output, stem + ".last.safetensors", stem + ".previous.safetensors"};
}

struct Trainer::Impl {
  Impl(const TrainOptions& given, const text::Corpus& text, const model::LanguageModel* init_from, const model::ModelFile* checkpoint)
      : options(given), corpus(text) {
    options.validate();
    if (checkpoint != nullptr) refuse_changes(*checkpoint);
    describe_network();
    make_batches();
    choose_precision(checkpoint);
    plan_memory();
    pool = nn::make_thread_pool(static_cast<int>(options.threads));
    plan.threads = pool->threads();
    if (checkpoint == nullptr) make_weights(init_from);
    const auto size = static_cast<int64_t>(layout->size());
    optimizer.emplace(options, size);
    gradient = nn::Buffer<float>(size);
    engine = std::make_unique<nn::ChunkEngine>(model.config.network, engine_options(), *pool);
    if (checkpoint != nullptr) restore(*checkpoint);
    engine->set_weights(model.weights.data());
    best_model = model;
    remember_good_state();
  }

  // Before the run.
  void refuse_changes(const model::ModelFile& checkpoint);
  void describe_network();
  void make_batches();
  void choose_precision(const model::ModelFile* checkpoint);
  void plan_memory();
  void make_weights(const model::LanguageModel* init_from);
  nn::EngineOptions engine_options() const;

  // The run.
  TrainResult run(const RunFiles& files, const TrainCallbacks& callbacks);
  void take_step(const TrainCallbacks& callbacks);
  void next_chunk();
  void evaluate(const RunFiles& files, const TrainCallbacks& callbacks);
  double share_done() const;
  bool evaluation_due() const;
  Progress progress() const;
  void record_history(model::LanguageModel& of) const;

  // Divergence.
  void remember_good_state();
  void forget_recurrent_state();
  void go_back(const TrainCallbacks& callbacks);

  // Files.
  void save_checkpoint(const RunFiles& files, const TrainCallbacks& callbacks);
  void save_best(const RunFiles& files, const TrainCallbacks& callbacks);
  void restore(const model::ModelFile& checkpoint);
  model::ModelFile checkpoint_file();

  TrainOptions options;
  const text::Corpus& corpus;
  TrainPlan plan;
  RunState state;
  model::LanguageModel model, best_model;
  std::optional<nn::ParameterLayout> layout;
  std::optional<text::StreamBatches> streams;   // many-to-many
  std::optional<text::WindowBatches> windows;   // many-to-one
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<nn::ChunkEngine> engine;
  std::optional<Optimizer> optimizer;
  nn::Buffer<float> gradient;
  text::Batch batch;
  std::vector<float> learning_rates;            // of every step so far: the schedule as it was
  struct {
    std::vector<float> weights;
    std::vector<std::vector<float>> moments;
    int64_t updates = 0;
  } good;
  double rate = 0;                              // of the last step
  int64_t session_characters = 0;
  double session_seconds = 0;
  bool save_failed = false;
  bool diverged = false;
};

void Trainer::Impl::refuse_changes(const model::ModelFile& checkpoint) {
  const std::string changed = changed_option(checkpoint.model.history.options, options);
  if (!changed.empty()) {
    usage_error("--{} differs from the run that is resumed; leave it as it was, or begin a new run with --init-from", changed);
  }
  state = RunState::from_metadata(checkpoint.extra_metadata);
  if (!(checkpoint.model.vocabulary() == corpus.tokenizer.vocabulary())) {
    data_error("the corpus has another vocabulary than the run that is resumed; give the same text, or begin a new run with --init-from");
  }
  if (state.fingerprint != corpus.fingerprint) {
    data_error("the corpus is not the text of the run that is resumed; give the same text, or begin a new run with --init-from");
  }
}

void Trainer::Impl::describe_network() {
  const text::Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  int64_t embedding = options.embedding_size;
  if (embedding < 0) {
    embedding = vocabulary.characters() > one_hot_up_to ? chosen_embedding_size : 0;
    if (embedding > 0) {
      plan.notices.push_back(fmt::format("the vocabulary has {} characters: input vectors are learned, {} numbers each (--embedding-size)",
                                         vocabulary.characters(), embedding));
    }
  }
  model.tokenizer = corpus.tokenizer;
  model.config.network = nn::NetworkSpec::chain(vocabulary.size(), embedding, options.cell, static_cast<int>(options.num_layers), options.hidden_size);
  model.config.network.activation = options.activation;
  model.config.network.layer_norm = options.layer_norm;
  model.config.network.initial_state = options.initial_state;
  model.config.shape = options.shape;
  model.config.context = options.context;
  layout.emplace(model.config.network);
  plan.config = model.config;
  plan.parameters = layout->count();
}

void Trainer::Impl::make_batches() {
  const text::Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  const bool one_target = options.shape == model::Shape::many_to_one;
  const int64_t wanted_steps = one_target ? options.context : options.bptt;
  if (one_target) {
    windows.emplace(corpus.train, vocabulary, options.batch_size, options.context, static_cast<uint64_t>(options.seed));
  } else {
    streams.emplace(corpus.train, vocabulary, options.batch_size, options.bptt);
  }
  plan.batch_size = one_target ? windows->batch() : streams->batch();
  plan.bptt = one_target ? windows->steps() : streams->steps();
  plan.steps_per_epoch = one_target ? windows->per_epoch() : streams->per_epoch();
  if (plan.batch_size < options.batch_size) {
    plan.notices.push_back(fmt::format("the text is short: {} parallel streams instead of {}", plan.batch_size, options.batch_size));
  }
  if (plan.bptt < wanted_steps) {
    plan.notices.push_back(fmt::format("the text is short: {} steps back-propagated instead of {}", plan.bptt, wanted_steps));
  }
  state.batch_size = plan.batch_size, state.bptt = plan.bptt, state.fingerprint = corpus.fingerprint;
}

void Trainer::Impl::choose_precision(const model::ModelFile* checkpoint) {
  plan.precision = nn::training_precision(options.precision);
  plan.instruction_set = std::string(name_of(nn::instruction_set()));
  if (checkpoint == nullptr) return;
  const std::string& before = checkpoint->model.history.precision;
  if (before != name_of(plan.precision) && (before != "bf16" || nn::has_bf16_products())) {
    plan.precision = enum_from_name<nn::Precision>(before, "the checkpoint's precision");
  }
  const auto set = checkpoint->extra_metadata.find("state.instruction_set");
  if (before != name_of(plan.precision) || set == checkpoint->extra_metadata.end() || set->second != plan.instruction_set) {
    plan.notices.push_back("the checkpoint was written with another instruction set or precision: the bits of this run may differ from the unbroken one");
  }
}

nn::EngineOptions Trainer::Impl::engine_options() const {
  return {.batch = plan.batch_size, .steps = plan.bptt, .precision = plan.precision, .train = true,
          .last_step_only = options.shape == model::Shape::many_to_one,
          .resets = options.shape == model::Shape::many_to_one || corpus.tokenizer.vocabulary().has_end(),
          .dropout = options.dropout > 0};
}

void Trainer::Impl::plan_memory() {
  // Weights three times (as they are, the best, the last good), the gradient, and the moments twice.
  const int64_t moments = options.optimizer == OptimizerKind::adam ? 2 : 1;
  plan.memory_bytes = nn::engine_bytes(model.config.network, engine_options()) + layout->size() * 4 * (4 + 2 * moments);
  const int64_t available = available_memory();
  if (plan.memory_bytes > available) {
    data_error("training needs {} MB and {} MB are free; lower --hidden-size, --batch-size or --bptt", plan.memory_bytes >> 20, available >> 20);
  }
}

void Trainer::Impl::make_weights(const model::LanguageModel* init_from) {
  const text::Vocabulary& vocabulary = corpus.tokenizer.vocabulary();
  nn::InitializeOptions how;
  how.orthogonal = options.initialization == Initialization::orthogonal;
  how.zero_input = vocabulary.unknown();
  double total = 0;
  for (text::Token t = 0; t < vocabulary.size(); ++t) total += static_cast<double>(vocabulary.count(t)) + 0.5;
  for (text::Token t = 0; t < vocabulary.size(); ++t) {
    how.log_unigram.push_back(std::log((static_cast<double>(vocabulary.count(t)) + 0.5) / total));
  }
  Random random(static_cast<uint64_t>(options.seed));
  model.weights = nn::initialize(model.config.network, how, random, *pool);
  if (init_from != nullptr) plan.notices.push_back(take_weights(*init_from, model));
}

void Trainer::Impl::next_chunk() {
  if (windows) {
    windows->fill(state.epoch, state.chunk, batch);
  } else {
    streams->fill(state.chunk, batch);
  }
}

double Trainer::Impl::share_done() const {
  if (options.steps > 0) return static_cast<double>(state.step) / static_cast<double>(options.steps);
  if (options.epochs > 0) {
    return static_cast<double>(state.step) / std::max(1.0, std::round(options.epochs * static_cast<double>(plan.steps_per_epoch)));
  }
  return state.seconds / (options.time.empty() ? default_seconds : parse_duration(options.time));
}

void Trainer::Impl::take_step(const TrainCallbacks& callbacks) {
  const double start = seconds_now();
  rate = state.rate_factor * options.learning_rate * schedule_factor(options.schedule, share_done(), state.step, options.warmup_steps);
  next_chunk();
  const auto dropout = options.dropout > 0
      ? nn::Dropout::with_rate(options.dropout, mix_bits(static_cast<uint64_t>(options.seed)) + static_cast<uint64_t>(state.step)) : nn::Dropout{};
  const nn::LossSum loss = engine->run({plan.bptt, batch.inputs.data(), batch.targets.data(), batch.resets.data(), windows.has_value()}, dropout, gradient.data());
  state.grad_norm = optimizer->norm(gradient.data(), *pool);
  const bool finite = std::isfinite(loss.nats) && std::isfinite(state.grad_norm);
  if (finite) {
    optimizer->update(gradient.data(), state.grad_norm, rate, model.weights.data(), *pool);
    engine->set_weights(model.weights.data());
    state.loss_nats += loss.nats, state.loss_count += loss.count;
    state.skipped_in_a_row = 0;
  } else {
    ++state.skipped_steps, ++state.skipped_in_a_row;
    forget_recurrent_state();
    if (callbacks.on_notice) callbacks.on_notice(fmt::format("step {}: the loss or gradient is not finite; the step is skipped", state.step + 1));
  }
  learning_rates.push_back(static_cast<float>(rate));
  ++state.step;
  if (++state.chunk == plan.steps_per_epoch) state.chunk = 0, ++state.epoch;
  const double seconds = seconds_now() - start;
  state.seconds += seconds, session_seconds += seconds;
  session_characters += batch.characters;
  if (state.skipped_in_a_row >= skips_before_going_back) go_back(callbacks);
}

void Trainer::Impl::remember_good_state() {
  good.weights = model.weights;
  good.moments.clear();
  for (auto& moment : optimizer->moments()) good.moments.emplace_back(moment.data(), moment.data() + moment.size());
  good.updates = optimizer->updates();
}

void Trainer::Impl::forget_recurrent_state() {
  engine->set_state(std::vector<float>(static_cast<size_t>(plan.batch_size * model.config.network.state_size())));
}

void Trainer::Impl::go_back(const TrainCallbacks& callbacks) {
  state.skipped_in_a_row = 0;
  diverged = ++state.ways_back > most_ways_back;
  if (!diverged) state.rate_factor /= 2;
  model.weights = good.weights;
  for (size_t i = 0; i < good.moments.size(); ++i) std::copy(good.moments[i].begin(), good.moments[i].end(), optimizer->moments()[i].data());
  optimizer->set_updates(good.updates);
  engine->set_weights(model.weights.data());
  forget_recurrent_state();
  if (callbacks.on_notice && !diverged) callbacks.on_notice("training diverged: going back to the last good weights with half the learning rate");
}

bool Trainer::Impl::evaluation_due() const {
  if (share_done() >= 1) return true;
  if (options.eval_every > 0) return state.step % options.eval_every == 0;
  return static_cast<int64_t>(share_done() * evaluations_in_a_run) > state.evaluated_share;
}

void Trainer::Impl::evaluate(const RunFiles& files, const TrainCallbacks& callbacks) {
  state.evaluated_share = static_cast<int64_t>(share_done() * evaluations_in_a_run);
  const bool has_validation = corpus.validation.text.tokens.size() > 1;
  if (has_validation) {
    model::EvaluateOptions how;
    how.streams = validation_streams, how.warm_up = validation_warm_up, how.most_characters = validation_characters;
    how.stride = std::max<int64_t>(1, static_cast<int64_t>(corpus.validation.text.tokens.size()) / 8192);
    how.precision = plan.precision, how.threads = plan.threads;
    state.val_loss = model::evaluate(model, corpus.validation, how).loss();
  }
  const bool broken = !model::all_finite(model.weights) || (has_validation && !std::isfinite(state.val_loss));
  const bool better = !broken && !(state.best_val_loss <= state.val_loss);
  record_history(model);
  if (better) {
    state.best_val_loss = state.val_loss, state.best_step = state.step, state.evaluations_without_gain = 0;
    best_model = model;
    save_best(files, callbacks);
  } else {
    ++state.evaluations_without_gain;
  }
  if (callbacks.on_evaluation) callbacks.on_evaluation(progress());
  if (callbacks.on_sample && !broken) callbacks.on_sample(model);
  state.train_loss = progress().train_loss;
  state.loss_nats = 0, state.loss_count = 0;
  if (broken) go_back(callbacks);
  else if (state.skipped_in_a_row == 0) remember_good_state();
}

Progress Trainer::Impl::progress() const {
  Progress p;
  p.step = state.step;
  p.epoch = static_cast<double>(state.epoch) + static_cast<double>(state.chunk) / static_cast<double>(plan.steps_per_epoch);
  p.seconds = state.seconds;
  p.share_done = std::min(1.0, share_done());
  p.total_steps = p.share_done > 0 ? std::max(state.step, static_cast<int64_t>(std::llround(static_cast<double>(state.step) / p.share_done))) : 0;
  p.seconds_left = p.share_done > 0 ? state.seconds * (1 - p.share_done) / p.share_done : 0;
  p.train_loss = state.loss_count > 0 ? state.loss_nats / static_cast<double>(state.loss_count) : state.train_loss;
  p.val_loss = state.val_loss;
  p.best_val_loss = state.best_val_loss;
  p.learning_rate = rate;
  p.grad_norm = state.grad_norm;
  p.chars_per_second = session_seconds > 0 ? static_cast<double>(session_characters) / session_seconds : 0;
  p.skipped_steps = state.skipped_steps;
  return p;
}

void Trainer::Impl::record_history(model::LanguageModel& of) const {
  model::ModelHistory& history = of.history;
  const Progress now = progress();
  history.options = recorded_options(options);
  history.command = command_line(options);
  history.val_loss = state.val_loss;
  history.train_loss = now.train_loss;
  history.steps = state.step;
  history.epochs = now.epoch;
  history.train_characters = static_cast<int64_t>(corpus.train.text.tokens.size());
  history.precision = std::string(name_of(plan.precision));
}

model::ModelFile Trainer::Impl::checkpoint_file() {
  state.updates = optimizer->updates();
  record_history(model);
  model::ModelFile file{model, {}, state.to_metadata()};
  file.extra_metadata["state.instruction_set"] = plan.instruction_set;
  for (size_t i = 0; i < optimizer->moments().size(); ++i) {
    const nn::Buffer<float>& moment = optimizer->moments()[i];
    file.extra.push_back(float_tensor(fmt::format("state.moment.{}", i), moment.data(), moment.size()));
  }
  std::vector<float> hidden(static_cast<size_t>(plan.batch_size * model.config.network.state_size()));
  engine->get_state(hidden);
  file.extra.push_back(float_tensor("state.hidden", hidden.data(), static_cast<int64_t>(hidden.size())));
  file.extra.push_back(float_tensor("state.learning_rates", learning_rates.data(), static_cast<int64_t>(learning_rates.size())));
  return file;
}

void Trainer::Impl::restore(const model::ModelFile& checkpoint) {
  if (!(checkpoint.model.config == model.config)) data_error("the checkpoint holds another network than its options describe: it cannot be resumed");
  const RunState found = RunState::from_metadata(checkpoint.extra_metadata);
  if (found.batch_size != plan.batch_size || found.bptt != plan.bptt) data_error("the checkpoint's batch does not fit its text: it cannot be resumed");
  state = found;
  model.weights = checkpoint.model.weights;
  model.history = checkpoint.model.history;
  for (size_t i = 0; i < optimizer->moments().size(); ++i) {
    nn::Buffer<float>& moment = optimizer->moments()[i];
    read_float_tensor(checkpoint, fmt::format("state.moment.{}", i), moment.data(), moment.size());
  }
  optimizer->set_updates(state.updates);
  std::vector<float> hidden(static_cast<size_t>(plan.batch_size * model.config.network.state_size()));
  read_float_tensor(checkpoint, "state.hidden", hidden.data(), static_cast<int64_t>(hidden.size()));
  engine->set_state(hidden);
  learning_rates.resize(static_cast<size_t>(std::max<int64_t>(0, float_tensor_size(checkpoint, "state.learning_rates"))));
  read_float_tensor(checkpoint, "state.learning_rates", learning_rates.data(), static_cast<int64_t>(learning_rates.size()));
  if (static_cast<int64_t>(learning_rates.size()) != state.step || state.chunk >= plan.steps_per_epoch) {
    data_error("the checkpoint's counters contradict each other: it cannot be resumed");
  }
}

void Trainer::Impl::save_best(const RunFiles& files, const TrainCallbacks& callbacks) {
  if (files.best.empty()) return;
  try {
    model::save_model(files.best, {best_model, {}, {}});
    save_failed = false;
  } catch (const DataError& error) {
    save_failed = true;
    if (callbacks.on_notice) callbacks.on_notice(fmt::format("{}; training goes on", error.what()));
  }
}

void Trainer::Impl::save_checkpoint(const RunFiles& files, const TrainCallbacks& callbacks) {
  if (files.best.empty()) return;
  if (!model::all_finite(model.weights)) return;  // about to be undone: the last checkpoint is the better one
  namespace fs = std::filesystem;
  std::error_code ignored;
  const bool had_last = fs::exists(files.last, ignored);
  // The last checkpoint becomes the previous one; it goes only after its successor is verified.
  if (had_last) fs::rename(files.last, files.previous, ignored);
  try {
    model::save_model(files.last, checkpoint_file());
    save_failed = false;
  } catch (const DataError& error) {
    if (had_last) fs::rename(files.previous, files.last, ignored);
    save_failed = true;
    if (callbacks.on_notice) callbacks.on_notice(fmt::format("{}; training goes on", error.what()));
  }
}

TrainResult Trainer::Impl::run(const RunFiles& files, const TrainCallbacks& callbacks) {
  if (state.step > 0 && !files.best.empty() && std::filesystem::exists(files.best)) best_model = model::load_model(files.best);
  TrainResult result;
  result.reason = StopReason::finished;
  while (share_done() < 1) {
    take_step(callbacks);
    if (callbacks.on_step) callbacks.on_step(progress());
    const bool evaluates = !diverged && evaluation_due();
    if (evaluates) evaluate(files, callbacks);
    if (diverged) {
      result.reason = StopReason::diverged;
      break;
    }
    if (options.save_every > 0 ? state.step % options.save_every == 0 || share_done() >= 1 : evaluates) save_checkpoint(files, callbacks);
    if (options.patience > 0 && state.evaluations_without_gain >= options.patience) {
      result.reason = StopReason::patience;
      break;
    }
    if (share_done() < 1 && callbacks.should_stop && callbacks.should_stop()) {
      result.reason = StopReason::interrupted;
      if (!model::all_finite(model.weights)) go_back(callbacks);
      save_checkpoint(files, callbacks);
      if (state.best_step == 0) {
        record_history(model);
        best_model = model;
        save_best(files, callbacks);
      }
      break;
    }
  }
  result.last = progress();
  result.best_val_loss = state.best_val_loss;
  result.best_step = state.best_step;
  if (save_failed) data_error("{}: the last save failed; free some space and resume, or give another --output", files.best);
  return result;
}

Trainer::Trainer(const TrainOptions& options, const text::Corpus& corpus, const model::LanguageModel* init_from)
    : impl_(std::make_unique<Impl>(options, corpus, init_from, nullptr)) {}

Trainer::Trainer(const TrainOptions& options, const text::Corpus& corpus, const model::ModelFile& checkpoint)
    : impl_(std::make_unique<Impl>(options, corpus, nullptr, &checkpoint)) {}

Trainer::~Trainer() = default;

const TrainPlan& Trainer::plan() const { return impl_->plan; }
TrainResult Trainer::run(const RunFiles& files, const TrainCallbacks& callbacks) { return impl_->run(files, callbacks); }
const model::LanguageModel& Trainer::current() const { return impl_->model; }
const model::LanguageModel& Trainer::best() const { return impl_->best_model; }

}  // namespace inkling::train
