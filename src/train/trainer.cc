#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "base/random.h"
#include "model/evaluate.h"
#include "model/parameter_codec.h"
#include "nn/kernels/bf16.h"
#include "train/schedule.h"
#include "train/trainer_impl.h"

namespace inkling::train {
namespace {

constexpr int64_t evaluations_in_a_run = 10;
constexpr double default_seconds = 300;
constexpr int64_t skips_before_going_back = 3;
constexpr int64_t most_ways_back = 3;
// Validation while training: side by side, each stream warmed up, and at most so many characters.
constexpr int64_t validation_streams = 64, validation_warm_up = 256,
                  validation_characters = 1 << 18;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void Trainer::Impl::next_chunk() {
  if (windows) {
    windows->fill(state.epoch, state.chunk, batch);
  } else {
    streams->fill(state.chunk, batch);
  }
}

double Trainer::Impl::share_done() const {
  if (options.steps > 0)
    return static_cast<double>(state.step) / static_cast<double>(options.steps);
  if (options.epochs > 0) {
    return static_cast<double>(state.step) /
           std::max(1.0, std::round(options.epochs * static_cast<double>(plan.steps_per_epoch)));
  }
  return state.seconds / (options.time.empty() ? default_seconds : parse_duration(options.time));
}

void Trainer::Impl::take_step(const TrainCallbacks& callbacks) {
  const double start = seconds_now();
  rate = state.rate_factor * options.learning_rate *
         schedule_factor(options.schedule, share_done(), state.step, options.warmup_steps);
  next_chunk();
  const auto dropout =
      options.dropout > 0
          ? nn::Dropout::with_rate(options.dropout, mix_bits(static_cast<uint64_t>(options.seed)) +
                                                        static_cast<uint64_t>(state.step))
          : nn::Dropout{};
  const nn::LossSum loss = engine->run({plan.bptt, batch.inputs.data(), batch.targets.data(),
                                        batch.resets.data(), windows.has_value()},
                                       dropout, gradient.data());
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
    if (callbacks.on_notice)
      callbacks.on_notice(fmt::format(
          "step {}: the loss or gradient is not finite; the step is skipped", state.step + 1));
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
  for (auto& moment : optimizer->moments())
    good.moments.emplace_back(moment.data(), moment.data() + moment.size());
  good.updates = optimizer->updates();
}

void Trainer::Impl::forget_recurrent_state() {
  engine->set_state(
      std::vector<float>(static_cast<size_t>(plan.batch_size * model.config.network.state_size())));
}

void Trainer::Impl::go_back(const TrainCallbacks& callbacks) {
  state.skipped_in_a_row = 0;
  diverged = ++state.ways_back > most_ways_back;
  if (!diverged) state.rate_factor /= 2;
  model.weights = good.weights;
  for (size_t i = 0; i < good.moments.size(); ++i)
    std::copy(good.moments[i].begin(), good.moments[i].end(), optimizer->moments()[i].data());
  optimizer->set_updates(good.updates);
  engine->set_weights(model.weights.data());
  forget_recurrent_state();
  if (callbacks.on_notice && !diverged)
    callbacks.on_notice(
        "training diverged: going back to the last good weights with half the learning rate");
}

bool Trainer::Impl::evaluation_due() const {
  if (share_done() >= 1) return true;
  if (options.eval_every > 0) return state.step % options.eval_every == 0;
  return static_cast<int64_t>(share_done() * evaluations_in_a_run) > state.evaluated_share;
}

double Trainer::Impl::validation_loss(const model::LanguageModel& of) const {
  model::EvaluateOptions how;
  how.streams = validation_streams, how.warm_up = validation_warm_up,
  how.most_characters = validation_characters;
  how.stride =
      std::max<int64_t>(1, static_cast<int64_t>(corpus.validation.text.tokens.size()) / 8192);
  how.precision = plan.precision, how.threads = plan.threads;
  return model::evaluate(of, corpus.validation, how).loss();
}

double Trainer::Impl::stored_validation_loss() const {
  if (options.storage == Storage::f32 || std::isnan(state.best_val_loss))
    return std::numeric_limits<double>::quiet_NaN();
  model::LanguageModel stored = best_model;
  for (float& weight : stored.weights) weight = nn::to_float(nn::to_bf16(weight));
  return validation_loss(stored);
}

void Trainer::Impl::evaluate(const RunFiles& files, const TrainCallbacks& callbacks) {
  state.evaluated_share = static_cast<int64_t>(share_done() * evaluations_in_a_run);
  const bool has_validation = corpus.validation.text.tokens.size() > 1;
  if (has_validation) state.val_loss = validation_loss(model);
  const bool broken =
      !model::all_finite(model.weights) || (has_validation && !std::isfinite(state.val_loss));
  const bool better = !broken && !(state.best_val_loss <= state.val_loss);
  record_history(model);
  if (better) {
    state.best_val_loss = state.val_loss, state.best_step = state.step,
    state.evaluations_without_gain = 0;
    best_model = model;
    save_best(files, callbacks);
  } else {
    ++state.evaluations_without_gain;
  }
  if (callbacks.on_evaluation) callbacks.on_evaluation(progress());
  if (callbacks.on_sample && !broken) callbacks.on_sample(model);
  state.train_loss = progress().train_loss;
  state.loss_nats = 0, state.loss_count = 0;
  if (broken)
    go_back(callbacks);
  else if (state.skipped_in_a_row == 0)
    remember_good_state();
}

Progress Trainer::Impl::progress() const {
  Progress p;
  p.step = state.step;
  p.epoch = static_cast<double>(state.epoch) +
            static_cast<double>(state.chunk) / static_cast<double>(plan.steps_per_epoch);
  p.seconds = state.seconds;
  p.share_done = std::min(1.0, share_done());
  p.total_steps = p.share_done > 0
                      ? std::max(state.step, static_cast<int64_t>(std::llround(
                                                 static_cast<double>(state.step) / p.share_done)))
                      : 0;
  p.seconds_left = p.share_done > 0 ? state.seconds * (1 - p.share_done) / p.share_done : 0;
  p.train_loss = state.loss_count > 0 ? state.loss_nats / static_cast<double>(state.loss_count)
                                      : state.train_loss;
  p.val_loss = state.val_loss;
  p.best_val_loss = state.best_val_loss;
  p.learning_rate = rate;
  p.grad_norm = state.grad_norm;
  p.chars_per_second =
      session_seconds > 0 ? static_cast<double>(session_characters) / session_seconds : 0;
  p.skipped_steps = state.skipped_steps;
  return p;
}

TrainResult Trainer::Impl::run(const RunFiles& files, const TrainCallbacks& callbacks) {
  if (state.step > 0 && !files.best.empty() && std::filesystem::exists(files.best))
    best_model = model::load_model(files.best);
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
    if (options.save_every > 0 ? state.step % options.save_every == 0 || share_done() >= 1
                               : evaluates)
      save_checkpoint(files, callbacks);
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
  result.stored_val_loss = stored_validation_loss();
  if (save_failed)
    data_error("{}: the last save failed; free some space and resume, or give another --output",
               files.best);
  return result;
}

Trainer::Trainer(const TrainOptions& options, const text::Corpus& corpus,
                 const model::LanguageModel* init_from)
    : impl_(std::make_unique<Impl>(options, corpus, init_from, nullptr)) {}

Trainer::Trainer(const TrainOptions& options, const text::Corpus& corpus,
                 const model::ModelFile& checkpoint)
    : impl_(std::make_unique<Impl>(options, corpus, nullptr, &checkpoint)) {}

Trainer::~Trainer() = default;

const TrainPlan& Trainer::plan() const { return impl_->plan; }
TrainResult Trainer::run(const RunFiles& files, const TrainCallbacks& callbacks) {
  return impl_->run(files, callbacks);
}
const model::LanguageModel& Trainer::current() const { return impl_->model; }
const model::LanguageModel& Trainer::best() const { return impl_->best_model; }

}  // namespace inkling::train
