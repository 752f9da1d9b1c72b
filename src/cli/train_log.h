#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "train/trainer.h"

namespace inkling::cli {

// The JSONL log of a run: one line per evaluation.
class TrainLog {
 public:
  // Opens `path`; a new run begins an empty log. Where the run goes on from `resumed_step`, the
  // lines up to it are kept and later ones, which will be written again, are dropped. Throws
  // DataError.
  TrainLog(const std::string& path, std::optional<int64_t> resumed_step);

  // Lines that cannot be written (a full disk) are kept, and tried again with the next one: no
  // reason to lose the run.
  void add(const train::Progress& progress);
  // Tries those again.
  void write();
  // Why there are such lines; "" where there are none.
  const std::string& problem() const { return problem_; }

 private:
  const std::string path_;
  Descriptor file_;
  std::string unwritten_, problem_;
};

// Whether a text is such a log, by its first line.
bool is_train_log(std::string_view text);

// One line without its line feed: step epoch seconds train_loss val_loss learning_rate grad_norm
// chars_per_second.
std::string log_line(const train::Progress& progress);

}  // namespace inkling::cli
