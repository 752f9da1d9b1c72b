#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/progress_bar.h"
#include "cli/talk.h"
#include "cli/train_log.h"
#include "train/trainer.h"

namespace inkling::cli {

// What a run says while it runs: the bar, a line per evaluation, samples of text, the log.
class TrainReport {
 public:
  // log may be null. sample_every: evaluations between samples; 0 = about five in the run, -1 =
  // none.
  TrainReport(Talk& talk, std::unique_ptr<TrainLog> log, int64_t sample_every, uint64_t seed);

  // Callbacks for a trainer; they refer to this object.
  train::TrainCallbacks callbacks();
  // After the run: why lines of the log are missing; "" where none are.
  std::string end_log();

 private:
  void take_evaluation(const train::Progress& progress);
  bool sample_is_due();
  void show_sample(const model::LanguageModel& model);

  Talk& talk_;
  ProgressBar bar_;
  std::unique_ptr<TrainLog> log_;
  int64_t sample_every_;
  uint64_t seed_;
  train::Progress evaluated_;
  int64_t evaluations_ = 0;
  int64_t samples_ = 0;
};

}  // namespace inkling::cli
