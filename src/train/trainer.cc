#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "base/error.h"
#include "base/random.h"
#include "model/evaluate.h"
#include "model/parameter_codec.h"
#include "train/schedule.h"
#include "train/trainer_impl.h"
#include "train/training_memory.h"

namespace inkling::train {
namespace {

constexpr int64_t evaluations_in_a_run = 10;
// A run measured in time trains at least so many times as long as it evaluates.
constexpr double training_per_evaluation = 6;
// A text is being learned by heart when so many evaluations in a row are so far above the best.
constexpr int64_t far_off_patience = 3;
constexpr double far_off = 1.01;
constexpr int64_t skips_before_going_back = 3;
constexpr int64_t most_ways_back = 3;
// Training has diverged too when the mean loss of so many characters, where every number is still
// finite, is so many times that of guessing blindly.
constexpr double hopeless = 3;
constexpr int64_t characters_to_judge = 1000;
// Numbers of generators: one for each step.
constexpr uint64_t reset_stream = uint64_t{1} << 40, hiding_stream = uint64_t{2} << 40;
// Validation while training: each stream warmed up, and so many characters or more.
constexpr int64_t validation_warm_up = 256, least_in_stream = 256;
// Where the run is measured in time an evaluation, which is some times as fast as training, should
// take no more than this share of it; but so many characters are predicted at least, and at most.
constexpr double evaluation_share = 0.05, beside_training = 2.5;
struct Validated {
  int64_t least, most;
};
constexpr Validated validated_in_streams{1 << 13, 1 << 18}, validated_windows{1 << 8, 1 << 13};
// And so many steps through a network at most, of which each window takes its context.
constexpr int64_t most_window_steps = 1 << 19;

}  // namespace

void Trainer::Impl::next_chunk() {
  if (windows) {
    windows->fill(state.epoch, state.chunk, batch);
  } else {
    streams->fill(state.chunk, batch);
    reset_some_streams();
  }
  hide_some_inputs();
}

// These two are functions of seed and step alone: a resumed run draws the same.
void Trainer::Impl::reset_some_streams() {
  if (options.reset_state == 0) return;
  Random random(static_cast<uint64_t>(options.seed),
                reset_stream + static_cast<uint64_t>(state.step));
  for (int64_t stream = 0; stream < plan.batch_size; ++stream) {
    if (random.uniform() < options.reset_state) batch.resets[static_cast<size_t>(stream)] = 1;
  }
}

void Trainer::Impl::hide_some_inputs() {
  if (options.input_dropout == 0) return;
  Random random(static_cast<uint64_t>(options.seed),
                hiding_stream + static_cast<uint64_t>(state.step));
  for (text::Token& input : batch.inputs) {
    if (random.uniform() < options.input_dropout) input = nn::Chunk::no_input;
  }
}

double Trainer::Impl::share_done() const {
  const auto steps = static_cast<double>(state.step);
  if (state.replay_steps > 0) return steps / static_cast<double>(state.replay_steps);
  if (options.steps > 0) return steps / static_cast<double>(options.steps);
  if (options.epochs > 0) {
    return steps /
           std::max(1.0, std::round(options.epochs * static_cast<double>(plan.steps_per_epoch)));
  }
  return state.seconds / options.seconds();
}

// As float, in which it is recorded: a replay must see the same bits.
float Trainer::Impl::next_rate() const {
  if (state.replay_steps > 0) return record.learning_rates[static_cast<size_t>(state.step)];
  return static_cast<float>(
      state.rate_factor * options.learning_rate *
      schedule_factor(options.schedule, share_done(), state.step, options.warmup_steps));
}

// What a step's random choices are drawn from.
uint64_t Trainer::Impl::step_key() const {
  return mix_bits(static_cast<uint64_t>(options.seed)) + static_cast<uint64_t>(state.step);
}

// Leaves the gradient by the model's weights.
nn::LossSum Trainer::Impl::run_chunk() {
  nn::Dropout dropout;
  if (options.dropout > 0) dropout = nn::Dropout::with_rate(options.dropout, step_key());
  dropout.variational = options.variational;
  const uint64_t weight_key = mix_bits(step_key());
  if (weight_drop->is_on())
    engine->set_weights(weight_drop->drop(model.weights, weight_key, *pool).data());
  const nn::LossSum loss = engine->run({plan.bptt, batch.inputs.data(), batch.targets.data(),
                                        batch.resets.data(), windows.has_value()},
                                       dropout, gradient.data());
  if (weight_drop->is_on()) weight_drop->pass_back(weight_key, gradient, *pool);
  return loss;
}

void Trainer::Impl::take_step(const TrainCallbacks& callbacks) {
  const ClockReading start = callbacks.clock();
  rate = next_rate();
  next_chunk();
  const nn::LossSum loss = run_chunk();
  if (callbacks.before_update)
    callbacks.before_update(model.weights, {gradient.data(), static_cast<size_t>(gradient.size())});
  // The gradients of n stacks together are the root of n times as long as one's.
  state.grad_norm = optimizer->norm(gradient.data(), *pool) /
                    std::sqrt(static_cast<double>(model.config.network.stacks()));
  const bool finite = std::isfinite(loss.nats) && std::isfinite(state.grad_norm);
  if (finite) {
    good.fall_behind();
    optimizer->update(gradient.data(), state.grad_norm, static_cast<double>(rate),
                      model.weights.data(), *pool);
    average.follow(model.weights, *pool);
    if (!weight_drop->is_on()) engine->set_weights(model.weights.data());
    state.loss_nats += loss.nats, state.loss_count += loss.count;
    state.skipped_in_a_row = 0;
  } else {
    ++state.skipped_steps, ++state.skipped_in_a_row;
    forget_recurrent_state();
    if (callbacks.on_notice)
      callbacks.on_notice(fmt::format(
          "step {}: the loss or gradient is not finite; the step is skipped", state.step + 1));
  }
  if (state.replay_steps == 0) record.learning_rates.push_back(rate);
  ++state.step;
  if (++state.chunk == plan.steps_per_epoch) state.chunk = 0, ++state.epoch;
  const double seconds = seconds_of_work(start, callbacks.clock());
  state.seconds += seconds, session_seconds += seconds;
  session_characters += batch.characters;
  if (state.skipped_in_a_row >= skips_before_going_back) go_back(callbacks);
}

bool Trainer::Impl::is_finite() const {
  return model::all_finite(model.weights) && optimizer->moments_are_finite();
}

bool Trainer::Impl::worse_than_guessing() const {
  const double guessing = std::log(static_cast<double>(model.vocabulary().size()));
  return state.loss_count >= characters_to_judge &&
         state.loss_nats > hopeless * guessing * static_cast<double>(state.loss_count);
}

void Trainer::Impl::forget_recurrent_state() {
  engine->set_state(
      std::vector<float>(static_cast<size_t>(plan.batch_size * model.config.network.state_size())));
}

void Trainer::Impl::go_back(const TrainCallbacks& callbacks) {
  state.skipped_in_a_row = 0;
  // The losses are of weights that are gone.
  state.loss_nats = 0, state.loss_count = 0;
  state.train_loss = state.val_loss = std::numeric_limits<double>::quiet_NaN();
  diverged = ++state.ways_back > most_ways_back;
  if (!diverged) state.rate_factor /= 2;
  good.restore(model.weights, *optimizer);
  average.begin(model.weights);
  engine->set_weights(model.weights.data());
  forget_recurrent_state();
  if (callbacks.on_notice && !diverged)
    callbacks.on_notice(
        "training diverged: going back to the last good weights with half the learning rate");
}

int64_t Trainer::Impl::tenths_done() const {
  return static_cast<int64_t>(share_done() * evaluations_in_a_run);
}

bool Trainer::Impl::evaluation_due() const {
  if (state.replay_steps > 0)
    return std::binary_search(record.evaluations.begin(), record.evaluations.end(), state.step);
  if (share_done() >= 1) return true;
  if (options.eval_every > 0) return state.step % options.eval_every == 0;
  const double trained = state.seconds - evaluated_at;
  const double worth_it = training_per_evaluation * evaluation_seconds;
  if (options.is_timed() && trained < worth_it) return false;
  // The last one is near.
  if (options.is_timed() && options.seconds() - state.seconds < worth_it / 2) return false;
  return tenths_done() > state.evaluated_share;
}

// The same in the whole run, whose evaluations are compared.
void Trainer::Impl::decide_on_validation() {
  if (state.validation_characters > 0) return;
  auto [least, most] = windows ? validated_windows : validated_in_streams;
  const bool as_usual = state.validation_characters < 0;
  if (windows && !as_usual) most = std::clamp(most_window_steps / options.context, least, most);
  state.validation_characters = most;
  if (as_usual || !options.is_timed() || state.seconds <= 0) return;
  const int64_t trained = state.step * plan.batch_size * (windows ? 1 : plan.bptt);
  const double a_second = beside_training * static_cast<double>(trained) / state.seconds;
  const double in_time = evaluation_share * options.seconds() * a_second;
  state.validation_characters = static_cast<int64_t>(
      std::clamp(in_time, static_cast<double>(least), static_cast<double>(most)));
}

double Trainer::Impl::validation_loss(const model::LanguageModel& of) const {
  model::EvaluateOptions how;
  how.streams = std::clamp<int64_t>(std::ssize(corpus.validation.text.tokens) / least_in_stream, 1,
                                    validation_streams);
  how.warm_up = validation_warm_up, how.most_characters = state.validation_characters;
  if (windows) {
    how.stride = std::max<int64_t>(1, std::ssize(corpus.validation.text.tokens) /
                                          std::max<int64_t>(1, state.validation_characters));
  }
  how.precision = plan.precision, how.threads = plan.threads;
  return model::evaluate(of, corpus.validation, how).loss();
}

double Trainer::Impl::stored_validation_loss() const {
  if (options.storage == Storage::f32 || std::isnan(state.best_val_loss))
    return std::numeric_limits<double>::quiet_NaN();
  try {
    model::LanguageModel stored = best_model;
    for (float& weight : stored.weights) weight = model::as_stored_in_bf16(weight);
    return validation_loss(stored);
  } catch (const std::bad_alloc&) {
  } catch (const MemoryError&) {
  }
  return std::numeric_limits<double>::quiet_NaN();  // the files are saved: only this is not known
}

// The step of the last evaluation before this one, 0 = none.
int64_t Trainer::Impl::last_evaluated() const {
  const auto& all = record.evaluations;
  const auto next = std::lower_bound(all.begin(), all.end(), state.step);
  return next == all.begin() ? 0 : *(next - 1);
}

void Trainer::Impl::evaluate(const TrainCallbacks& callbacks) {
  state.evaluated_share = tenths_done();
  const bool is_another = average.has_moved_in(state.step - last_evaluated());
  if (state.replay_steps == 0) record.evaluations.push_back(state.step);
  const bool has_validation = corpus.validation.text.tokens.size() > 1;
  model::LanguageModel& averaged = averaged_model();
  if (has_validation) {
    decide_on_validation();
    const ClockReading start = read_clocks();
    state.val_loss = validation_loss(averaged);
    evaluation_seconds = seconds_of_work(start, read_clocks()), evaluated_at = state.seconds;
  }
  const bool broken =
      !is_finite() || worse_than_guessing() || (has_validation && !std::isfinite(state.val_loss));
  const bool better = !broken && !(state.best_val_loss <= state.val_loss);
  const bool is_far_off = !broken && state.val_loss > far_off * state.best_val_loss;
  state.evaluations_far_off = is_far_off ? state.evaluations_far_off + 1 : 0;
  record_history(averaged);
  if (better) {
    best_model = averaged;
    state.best_val_loss = state.val_loss, state.best_step = state.step,
    state.evaluations_without_gain = 0;
    save_best(callbacks);
  } else if (!broken && is_another) {
    ++state.evaluations_without_gain;
  }
  if (callbacks.on_evaluation) callbacks.on_evaluation(progress());
  state.train_loss = progress().train_loss;
  state.loss_nats = 0, state.loss_count = 0;
  if (broken)
    go_back(callbacks);
  else if (state.skipped_in_a_row == 0)
    good.remember(model.weights, *optimizer);
  if (callbacks.on_sample && !broken)
    unless_out_of_memory("for a sample", callbacks, [&] { callbacks.on_sample(averaged); });
}

// A step needs no more memory than it has: training is not given up where something else gets none.
template <class F>
void Trainer::Impl::unless_out_of_memory(std::string_view what, const TrainCallbacks& callbacks,
                                         F&& f) const {
  const auto leave_out = [&] {
    if (callbacks.on_notice) {
      callbacks.on_notice(
          fmt::format("step {}: too little memory is left {}; training goes on", state.step, what));
    }
  };
  try {
    f();
  } catch (const std::bad_alloc&) {
    leave_out();
  } catch (const MemoryError&) {
    leave_out();
  }
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
  p.train_loss = state.loss_count > 0
                     ? state.loss_nats / static_cast<double>(state.loss_count) + unknown_nats
                     : state.train_loss;
  p.val_loss = state.val_loss;
  p.best_val_loss = state.best_val_loss;
  p.learning_rate = static_cast<double>(rate);
  p.grad_norm = state.grad_norm;
  p.chars_per_second =
      session_seconds > 0 ? static_cast<double>(session_characters) / session_seconds : 0;
  p.skipped_steps = state.skipped_steps;
  return p;
}

bool Trainer::Impl::out_of_patience() const {
  if (options.patience < 0)
    return state.evaluations_far_off >= far_off_patience && !validates_on_little();
  return options.patience > 0 && state.evaluations_without_gain >= options.patience;
}

bool Trainer::Impl::save_due(bool evaluated) const {
  if (share_done() >= 1 || out_of_patience()) return true;
  return options.save_every > 0 ? state.step % options.save_every == 0 : evaluated;
}

TrainResult Trainer::Impl::run(const RunFiles& where, const TrainCallbacks& callbacks) {
  files = where;
  begin_files(callbacks);
  TrainResult result;
  result.reason = StopReason::finished;
  bool asked_to_save = false;
  // A run that has ended by patience has ended also when it is resumed.
  while (share_done() < 1 && !out_of_patience()) {
    take_step(callbacks);
    if (callbacks.on_step) callbacks.on_step(progress());
    const bool evaluates = !diverged && evaluation_due();
    if (evaluates) unless_out_of_memory("to evaluate", callbacks, [&] { evaluate(callbacks); });
    if (diverged) {
      result.reason = StopReason::diverged;
      break;
    }
    asked_to_save = (callbacks.should_save && callbacks.should_save()) || asked_to_save;
    const bool ends = share_done() >= 1 || out_of_patience();
    const bool stops = !ends && callbacks.should_stop && callbacks.should_stop();
    // What is not finite is about to be undone, by the next steps: they come first.
    if ((save_due(evaluates) || asked_to_save || stops) && is_finite()) {
      save_checkpoint(callbacks);
      if (asked_to_save && !checkpoint_unsaved && callbacks.on_notice && files.writes()) {
        callbacks.on_notice(
            fmt::format("step {}: saved in {}, as asked for", state.step, files.last));
      }
      asked_to_save = false;
      if (stops) {
        result.reason = StopReason::interrupted;
        break;
      }
    }
  }
  if (result.reason == StopReason::finished && share_done() < 1)
    result.reason = StopReason::patience;
  if (state.best_step == 0) {  // better than none
    best_model = averaged_model();
    record_history(best_model);
    save_best(callbacks);
  }
  end_files(callbacks);
  result.last = progress();
  result.best_val_loss = state.best_val_loss;
  result.best_step = state.best_step;
  result.ways_back = state.ways_back;
  const bool to_its_end =
      result.reason == StopReason::finished || result.reason == StopReason::patience;
  if (to_its_end) result.stored_val_loss = stored_validation_loss();
  if (state.replay_steps > 0 && to_its_end) {
    result.replay_agrees =
        state.step == state.replay_steps && checksum_of(model.weights) == state.replay_weights;
  }
  return result;
}

Trainer::Trainer(const TrainOptions& options, const text::Corpus& corpus, const TrainStart& start)
    : impl_(std::make_unique<Impl>(options, corpus, start)) {}

Trainer::~Trainer() = default;

const TrainPlan& Trainer::plan() const { return impl_->plan; }
TrainResult Trainer::run(const RunFiles& files, const TrainCallbacks& callbacks) {
  return impl_->run(files, callbacks);
}
const model::LanguageModel& Trainer::current() const { return impl_->model; }
const model::LanguageModel& Trainer::best() const { return impl_->best_model; }

}  // namespace inkling::train
