#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <limits>
#include <new>
#include <span>

#include "base/checksum.h"
#include "base/error.h"
#include "base/file.h"
#include "train/machine_record.h"
#include "train/option_record.h"
#include "train/trainer_impl.h"

// What a run writes, and how it comes back from a checkpoint.
namespace inkling::train {
namespace {

constexpr const char* hidden_name = "state.hidden";
constexpr const char* row_updates_name = "state.row_updates";

std::string moment_name(size_t i) { return fmt::format("state.moment.{}", i); }

}  // namespace

uint64_t checksum_of(const std::vector<float>& weights) {
  return Checksum().add(std::as_bytes(std::span(weights))).value();
}

void Trainer::Impl::record_history(model::LanguageModel& of) const {
  model::ModelHistory& history = of.history;
  const Progress now = progress();
  history.options = recorded_options(options);
  history.command = command_line(options) + begun_with;
  history.val_loss = state.val_loss;
  history.train_loss = now.train_loss;
  history.steps = state.step;
  history.epochs = now.epoch;
  history.train_characters = static_cast<int64_t>(corpus.train.text.tokens.size());
  history.precision = std::string(name_of(plan.precision));
}

model::ModelView Trainer::Impl::checkpoint() {
  state.updates = optimizer->updates();
  record_history(model);
  model::ModelView file{.model = model, .extra_metadata = state.to_metadata()};
  for (const auto& [key, value] : machine_record()) file.extra_metadata[key] = value;
  for (size_t i = 0; i < optimizer->moments().size(); ++i) {
    const nn::Buffer<float>& moment = optimizer->moments()[i];
    file.extra.push_back(
        state_tensor<float>(moment_name(i), {moment.data(), static_cast<size_t>(moment.size())}));
  }
  if (!optimizer->row_updates().empty())
    file.extra.push_back(state_tensor<int64_t>(row_updates_name, optimizer->row_updates()));
  hidden.resize(static_cast<size_t>(plan.batch_size * model.config.network.state_size()));
  engine->get_state(hidden);
  file.extra.push_back(state_tensor<float>(hidden_name, hidden));
  record.save(file);
  average.save(file);
  good.save(file);
  return file;
}

void Trainer::Impl::restore(const model::ModelFile& from) {
  const RunState found = RunState::from_metadata(from.extra_metadata);
  if (found.batch_size != plan.batch_size || found.bptt != plan.bptt)
    data_error("its batch does not fit its text: it cannot be resumed");
  state = found;
  if (state.validation_characters < 0) decide_on_validation();
  model.weights = from.model.weights;
  model.history = from.model.history;
  const size_t begun = model.history.command.find(init_option);
  begun_with = begun == std::string::npos ? "" : model.history.command.substr(begun);
  for (size_t i = 0; i < optimizer->moments().size(); ++i) {
    nn::Buffer<float>& moment = optimizer->moments()[i];
    read_state_tensor(from, moment_name(i), {moment.data(), static_cast<size_t>(moment.size())});
  }
  optimizer->set_updates(state.updates);
  std::vector<int64_t>& rows = optimizer->row_updates();
  std::fill(rows.begin(), rows.end(), state.updates);
  if (auto found_rows = read_row_updates(from, row_updates_name, rows.size(), state.updates))
    rows = std::move(*found_rows);
  hidden.resize(static_cast<size_t>(plan.batch_size * model.config.network.state_size()));
  read_state_tensor(from, hidden_name, hidden);
  engine->set_state(hidden);
  record = RunRecord::load(from);
  average.load(from, model.weights.size());
  good.load(from, model.weights, *optimizer);
  const auto steps = static_cast<int64_t>(record.learning_rates.size());
  if (steps != (state.replay_steps > 0 ? state.replay_steps : state.step) || steps < state.step ||
      state.chunk >= plan.steps_per_epoch) {
    data_error("its counters contradict each other: it cannot be resumed");
  }
  // Of a longer run less is done.
  state.evaluated_share = std::min(state.evaluated_share, tenths_done());
}

void Trainer::Impl::begin_files(const TrainCallbacks& callbacks) {
  if (!files.writes()) return;
  if (!resumed) {
    // Whoever cannot save now could not in an hour; and now every step can be resumed from.
    model::save_model(files.last, checkpoint(), {.write = {.calls = files.calls}});
    files.last_is_whole = true;
    remove_file(files.previous, *files.calls);  // another run's
    return;
  }
  if (state.best_step == 0) return;
  try {
    model::LanguageModel best = model::load_model(files.best);
    if (!(best.config == model.config) || !(best.vocabulary() == model.vocabulary()))
      data_error("{}: it is the model of another run", files.best);
    best_model = std::move(best);
  } catch (const MemoryError&) {
    throw;  // it is whole, and stays
  } catch (const DataError& error) {
    if (access(files.best.c_str(), R_OK) != 0 && errno != ENOENT) throw;
    if (callbacks.on_notice) {
      callbacks.on_notice(fmt::format(
          "{}; the best model so far is lost, the next evaluation writes it anew", error.what()));
    }
    state.best_val_loss = std::numeric_limits<double>::quiet_NaN(), state.best_step = 0;
  }
}

namespace {

// False, with a sentence to the user, where it cannot be.
bool save(const std::string& path, const std::function<model::ModelView()>& file,
          const model::SaveOptions& how, const TrainCallbacks& callbacks) {
  std::string problem;
  try {
    model::save_model(path, file(), how);
    return true;
  } catch (const DataError& error) {
    problem = error.what();
  } catch (const std::bad_alloc&) {
    problem = fmt::format("{}: too little memory is left to write it", path);
  }
  if (callbacks.on_notice) callbacks.on_notice(problem + "; training goes on");
  return false;
}

}  // namespace

void Trainer::Impl::save_best(const TrainCallbacks& callbacks) {
  if (!files.writes()) return;
  best_unsaved = !save(
      files.best, [&] { return model::ModelView{best_model}; },
      {.bf16_weights = options.storage == Storage::bf16, .write = {.calls = files.calls}},
      callbacks);
}

void Trainer::Impl::save_checkpoint(const TrainCallbacks& callbacks) {
  if (!files.writes()) return;
  if (best_unsaved) save_best(callbacks);
  const model::SaveOptions how{
      .write = {.keep_old_as = files.last_is_whole ? files.previous : "", .calls = files.calls}};
  checkpoint_unsaved = !save(
      files.last, [&] { return checkpoint(); }, how, callbacks);
  if (!checkpoint_unsaved) files.last_is_whole = true;
}

void Trainer::Impl::end_files(const TrainCallbacks& callbacks) {
  if (checkpoint_unsaved && !diverged) save_checkpoint(callbacks);
  if (best_unsaved) save_best(callbacks);
  if (!best_unsaved && (!checkpoint_unsaved || diverged)) return;
  data_error(
      "{}: the last save failed, for the reason said; mend that and resume, or give another "
      "--output",
      best_unsaved ? files.best : files.last);
}

}  // namespace inkling::train
