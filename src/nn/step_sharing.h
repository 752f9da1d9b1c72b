#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace inkling::nn {

// How to share a step among threads, if at all: it saves time on an idle machine and loses it on a
// busy one, where a meeting waits for a thread that has no processor. Tries every way now and then
// and keeps the fastest; results do not depend on it.
class StepSharing {
 public:
  static constexpr int most_ways = 4;

  // ways: how many. Of equally fast ones the last is kept.
  explicit StepSharing(int ways) : ways_(ways) { best_.fill(1e9); }

  // Which way was the fastest.
  int fastest() const {
    int way = 0;
    for (int other = 1; other < ways_; ++other) {
      if (best(other) <= best(way)) way = other;
    }
    return way;
  }

  // The way that the step goes which begins now.
  int begin() {
    const int64_t phase = steps_++ % period;
    if (phase == 0) best_.fill(1e9);
    trying_ = phase < ways_ * trial;
    way_ = trying_ ? ways_ - 1 - static_cast<int>(phase / trial) : fastest();
    start_ = std::chrono::steady_clock::now();
    return way_;
  }
  // rows: of the step, which are not always as many.
  void end(int64_t rows) {
    if (!trying_) return;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count() /
        static_cast<double>(rows);
    if (seconds < best(way_)) best_[static_cast<size_t>(way_)] = seconds;
  }

 private:
  static constexpr int64_t period = 512, trial = 4;
  double best(int way) const { return best_[static_cast<size_t>(way)]; }

  int ways_;
  int64_t steps_ = 0;
  bool trying_ = false;
  int way_ = 0;
  std::array<double, most_ways> best_;  // seconds of a row
  std::chrono::steady_clock::time_point start_;
};

}  // namespace inkling::nn
