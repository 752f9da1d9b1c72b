#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace inkling::nn {

// Whether to share a step among threads: it saves time on an idle machine and loses it on a busy
// one, where a meeting waits for a thread that has no processor. Tries the other way now and then
// and keeps the faster; results do not depend on it.
class StepSharing {
 public:
  // Which way was the faster.
  bool shared() const { return best_[1] <= best_[0]; }

  bool begin() {
    const int64_t phase = steps_++ % period;
    trying_ = phase < 2 * trial;
    shared_ = trying_ ? phase < trial : shared();
    if (phase == 0) best_[0] = best_[1] = 1e9;
    start_ = std::chrono::steady_clock::now();
    return shared_;
  }
  void end() {
    if (!trying_) return;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    double& best = best_[shared_ ? 1 : 0];
    best = std::min(best, seconds);
  }

 private:
  static constexpr int64_t period = 512, trial = 4;
  int64_t steps_ = 0;
  bool trying_ = false, shared_ = false;
  double best_[2] = {1e9, 1e9};  // seconds of a step alone, shared
  std::chrono::steady_clock::time_point start_;
};

}  // namespace inkling::nn
