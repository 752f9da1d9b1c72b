#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "base/error.h"
#include "base/random.h"
#include "train/schedule.h"
#include "train/trainer_impl.h"

namespace inkling::train {
namespace {

constexpr int64_t skips_before_going_back = 3;
constexpr int64_t most_ways_back = 3;
// Numbers of generators: one for each step.
constexpr uint64_t reset_stream = uint64_t{1} << 40, hiding_stream = uint64_t{2} << 40;

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

// A step needs no more memory than it has: training is not given up where something else gets none.
void Trainer::Impl::unless_out_of_memory(std::string_view what, const TrainCallbacks& callbacks,
                                         const std::function<void()>& work) const {
  const auto leave_out = [&] {
    if (callbacks.on_notice) {
      callbacks.on_notice(
          fmt::format("step {}: too little memory is left {}; training goes on", state.step, what));
    }
  };
  try {
    work();
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
