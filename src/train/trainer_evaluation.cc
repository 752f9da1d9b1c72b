#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "base/error.h"
#include "model/evaluate.h"
#include "model/parameter_codec.h"
#include "train/trainer_impl.h"
#include "train/training_memory.h"

// When a run is evaluated, on how much, and what follows from that.
namespace inkling::train {
namespace {

constexpr int64_t evaluations_in_a_run = 10;
// A run measured in time trains at least so many times as long as it evaluates.
constexpr double training_per_evaluation = 6;
// A text is being learned by heart when so many evaluations in a row are so far above the best.
constexpr int64_t far_off_patience = 3;
constexpr double far_off = 1.01;
// Training has diverged too when the mean loss of so many characters, where every number is still
// finite, is so many times that of guessing blindly.
constexpr double hopeless = 3;
constexpr int64_t characters_to_judge = 1000;
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

bool Trainer::Impl::is_finite() const {
  return model::all_finite(model.weights) && optimizer->moments_are_finite();
}

bool Trainer::Impl::worse_than_guessing() const {
  const double guessing = std::log(static_cast<double>(model.vocabulary().size()));
  return state.loss_count >= characters_to_judge &&
         state.loss_nats > hopeless * guessing * static_cast<double>(state.loss_count);
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

bool Trainer::Impl::out_of_patience() const {
  if (options.patience < 0)
    return state.evaluations_far_off >= far_off_patience && !validates_on_little();
  return options.patience > 0 && state.evaluations_without_gain >= options.patience;
}

}  // namespace inkling::train
