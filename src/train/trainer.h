#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "model/language_model.h"
#include "model/model_file.h"
#include "text/corpus.h"
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
  int threads = 0;
  int64_t memory_bytes =
      0;  // weights, packed copies, gradients, moments, and what back-propagation keeps
  int64_t steps_per_epoch = 0;
  std::vector<std::string> notices;  // choices made for the user, each a sentence
};

enum class StopReason { finished, patience, interrupted, diverged };

struct TrainResult {
  StopReason reason{};
  Progress last;
  double best_val_loss = std::numeric_limits<double>::quiet_NaN();
  int64_t best_step = 0;
  // The best model's again, with the weights as a file in bfloat16 holds them; NaN with --storage
  // f32.
  double stored_val_loss = std::numeric_limits<double>::quiet_NaN();
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
};

// Where a run keeps its files. path "book.safetensors": the best model so far;
// book.last.safetensors and book.previous.safetensors: checkpoints.
struct RunFiles {
  std::string best, last, previous;
  static RunFiles for_output(const std::string& output);
};

// Trains one model on one corpus. Throws UsageError or DataError from the constructor when that
// cannot be; a corpus too short for the batch shrinks the batch, then bptt (a notice says so).
class Trainer {
 public:
  // A new run; `init_from`, if any, gives the weights to start from (its vocabulary is mapped by
  // character).
  Trainer(const TrainOptions& options, const text::Corpus& corpus,
          const model::LanguageModel* init_from = nullptr);
  // Goes on from a checkpoint: bit for bit the unbroken run. Only length, threads and log may
  // differ from the checkpoint's options; anything else, or another corpus, is refused by name.
  Trainer(const TrainOptions& options, const text::Corpus& corpus,
          const model::ModelFile& checkpoint);
  ~Trainer();

  const TrainPlan& plan() const;
  // Runs to the end, writing files.best and the checkpoints. files.best == "": nothing is written.
  TrainResult run(const RunFiles& files, const TrainCallbacks& callbacks);
  // The model as it is now, or the best so far.
  const model::LanguageModel& current() const;
  const model::LanguageModel& best() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkling::train
