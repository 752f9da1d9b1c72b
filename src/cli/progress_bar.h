#pragma once

#include <chrono>
#include <string>

#include "cli/talk.h"
#include "train/trainer.h"

namespace inkling::cli {

// One line of at most width - 1 columns: bar, share done, time left and as much of the rest as
// fits.
std::string progress_line(const train::Progress& progress, int width, bool utf8);

// The same as plain text, for one evaluation: a line, or several where that is wider than `width`.
std::string evaluation_line(const train::Progress& progress, int width);

// Draws progress_line() on a terminal, at most ten times a second.
class ProgressBar {
 public:
  explicit ProgressBar(Talk& talk) : talk_(talk) {}
  void draw(const train::Progress& progress);

 private:
  Talk& talk_;
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace inkling::cli
