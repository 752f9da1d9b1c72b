#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "model/parameter_codec.h"
#include "nn/kernels/instruction_set.h"
#include "train/option_record.h"
#include "train/trainer_impl.h"

// What a run writes, and how it comes back from a checkpoint.
namespace inkling::train {

RunFiles RunFiles::for_output(const std::string& output) {
  const std::filesystem::path path(output);
  const std::string stem = path.extension() == ".safetensors"
                               ? std::filesystem::path(path).replace_extension().string()
                               : output;
  return {output, stem + ".last.safetensors", stem + ".previous.safetensors"};
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
    file.extra.push_back(
        float_tensor(fmt::format("state.moment.{}", i), moment.data(), moment.size()));
  }
  std::vector<float> hidden(
      static_cast<size_t>(plan.batch_size * model.config.network.state_size()));
  engine->get_state(hidden);
  file.extra.push_back(
      float_tensor("state.hidden", hidden.data(), static_cast<int64_t>(hidden.size())));
  file.extra.push_back(float_tensor("state.learning_rates", learning_rates.data(),
                                    static_cast<int64_t>(learning_rates.size())));
  return file;
}

void Trainer::Impl::restore(const model::ModelFile& checkpoint) {
  if (!(checkpoint.model.config == model.config))
    data_error(
        "the checkpoint holds another network than its options describe: it cannot be resumed");
  const RunState found = RunState::from_metadata(checkpoint.extra_metadata);
  if (found.batch_size != plan.batch_size || found.bptt != plan.bptt)
    data_error("the checkpoint's batch does not fit its text: it cannot be resumed");
  state = found;
  model.weights = checkpoint.model.weights;
  model.history = checkpoint.model.history;
  for (size_t i = 0; i < optimizer->moments().size(); ++i) {
    nn::Buffer<float>& moment = optimizer->moments()[i];
    read_float_tensor(checkpoint, fmt::format("state.moment.{}", i), moment.data(), moment.size());
  }
  optimizer->set_updates(state.updates);
  std::vector<float> hidden(
      static_cast<size_t>(plan.batch_size * model.config.network.state_size()));
  read_float_tensor(checkpoint, "state.hidden", hidden.data(), static_cast<int64_t>(hidden.size()));
  engine->set_state(hidden);
  learning_rates.resize(static_cast<size_t>(
      std::max<int64_t>(0, float_tensor_size(checkpoint, "state.learning_rates"))));
  read_float_tensor(checkpoint, "state.learning_rates", learning_rates.data(),
                    static_cast<int64_t>(learning_rates.size()));
  if (static_cast<int64_t>(learning_rates.size()) != state.step ||
      state.chunk >= plan.steps_per_epoch) {
    data_error("the checkpoint's counters contradict each other: it cannot be resumed");
  }
}

void Trainer::Impl::save_best(const RunFiles& files, const TrainCallbacks& callbacks) {
  if (files.best.empty()) return;
  try {
    model::save_model(files.best, {best_model, {}, {}},
                      {.bf16_weights = options.storage == Storage::bf16});
    save_failed = false;
  } catch (const DataError& error) {
    save_failed = true;
    if (callbacks.on_notice) callbacks.on_notice(fmt::format("{}; training goes on", error.what()));
  }
}

void Trainer::Impl::save_checkpoint(const RunFiles& files, const TrainCallbacks& callbacks) {
  if (files.best.empty()) return;
  if (!model::all_finite(model.weights))
    return;  // about to be undone: the last checkpoint is the better one
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

}  // namespace inkling::train
