#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/work_clock.h"
#include "model/language_model.h"
#include "model/model_file.h"
#include "text/corpus.h"
#include "train/run_files.h"
#include "train/train_options.h"

namespace inkling::train {

// What is known after a step; handed to the callbacks.
struct Progress {
  int64_t step = 0;         // updates done
  int64_t total_steps = 0;  // estimated from the speed so far where the run is measured in time
  double epoch = 0;         // passes over the training part
  double seconds = 0;       // training time: steps alone, without evaluating and saving
  double share_done = 0;    // 0..1
  double seconds_left = 0;
  double train_loss =
      0;  // nats per predicted character, mean over the steps since the last evaluation
  double val_loss =
      std::numeric_limits<double>::quiet_NaN();  // of the last evaluation; NaN before it
  double best_val_loss = std::numeric_limits<double>::quiet_NaN();
  double learning_rate = 0;
  double grad_norm = 0;  // before clipping
  double chars_per_second = 0;
  int64_t skipped_steps = 0;  // updates left out for a non-finite loss or gradient
};

// What a run will do; known before it starts.
struct TrainPlan {
  model::ModelConfig config;
  int64_t parameters = 0;
  int64_t batch_size = 0;  // after shrinking to the text
  int64_t bptt = 0;
  nn::Precision precision{};  // f32 or bf16
  std::string instruction_set;
  bool begun_anew = true;  // not with another model's weights, and not resumed
  int threads = 0;
  // Weights, packed copies, gradients, moments, what back-propagation keeps, and what evaluating
  // takes.
  int64_t memory_bytes = 0;
  int64_t available_bytes = 0;  // of memory, before anything of it was allocated
  int64_t steps_per_epoch = 0;
  std::vector<std::string> notices;  // choices made for the user, each a sentence
};

enum class StopReason { finished, patience, interrupted, diverged };

struct TrainResult {
  StopReason reason{};
  Progress last;
  double best_val_loss = std::numeric_limits<double>::quiet_NaN();
  int64_t best_step = 0;
  // The best model's again, with the weights as a file in bfloat16 holds them, at the end of a run;
  // NaN with --storage f32.
  double stored_val_loss = std::numeric_limits<double>::quiet_NaN();
  int64_t ways_back = 0;              // how often it diverged
  std::optional<bool> replay_agrees;  // at the end of a replay: whether the weights are the same
};

struct TrainCallbacks {
  std::function<void(const Progress&)> on_step;        // after every step
  std::function<void(const Progress&)> on_evaluation;  // after every evaluation
  std::function<void(const model::LanguageModel&)>
      on_sample;  // after an evaluation: the model as it is, for a sample of its text
  std::function<void(const std::string&)>
      on_notice;  // a sentence for the user: a skipped step, a save that failed
  std::function<bool()>
      should_stop;  // asked after every step; true: save, and return `interrupted`
  std::function<bool()> should_save;  // asked after every step; true: save a checkpoint, and go on
  // Before every update, with the weights and the gradient: where a test plants a fault.
  std::function<void(std::span<float> weights, std::span<float> gradient)> before_update;
  Clock clock = read_clocks;  // read before and after every step
};

// What a run begins with: at most one of the checkpoints.
struct TrainStart {
  // The weights of a new run (its vocabulary is mapped by character), or of the run that is
  // repeated.
  const model::LanguageModel* init_from = nullptr;
  std::string init_name = "";  // as it is typed behind --init-from, for the model's record
  // Go on from here: bit for bit the unbroken run. Only length, threads and log may differ from the
  // checkpoint's options; anything else, or another corpus, is refused by name.
  const model::ModelFile* resume = nullptr;
  // Repeat the run of this checkpoint up to it, with its recorded learning rates and evaluations,
  // so that the time its steps took plays no part: bit for bit the same weights and the same best
  // model. Only threads may differ.
  const model::ModelFile* replay = nullptr;
  std::string path = "the checkpoint";  // of either, for what is said about it
  // Called with the plan when it has been checked, before most of its memory is taken.
  std::function<void(const TrainPlan&)> on_plan = nullptr;
};

// Trains one model on one corpus. Throws UsageError or DataError from the constructor when that
// cannot be; a corpus too short for the batch shrinks the batch, then bptt (a notice says so).
class Trainer {
 public:
  Trainer(const TrainOptions& options, const text::Corpus& corpus, const TrainStart& start = {});
  ~Trainer();

  const TrainPlan& plan() const;
  // Runs to the end, writing files.best and the checkpoints. files.best == "": nothing is written.
  // A new run, and a replay, writes its first checkpoint before its first step, replacing what is
  // there. Throws DataError when that cannot be written, or the last files cannot; saves that fail
  // in between are notices.
  TrainResult run(const RunFiles& files, const TrainCallbacks& callbacks);
  // The model as it is now, or the best so far.
  const model::LanguageModel& current() const;
  const model::LanguageModel& best() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkling::train
