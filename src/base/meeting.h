#pragma once

#include <atomic>
#include <cstdint>

#include "base/spin.h"

namespace inkling {

// Where a fixed number of threads wait for one another, again and again. Meant for meetings some
// microseconds apart: who waits spins before it sleeps. Each of the parties runs as a task of its
// own at the same time, so that a ThreadPool needs as many threads.
class Meeting {
 public:
  explicit Meeting(int64_t parties) : parties_(parties) {}

  // Returns once all parties have called it. What each did before is seen by all after.
  void wait() {
    if (parties_ == 1) return;
    const uint32_t round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 < parties_) {
      wait_while(round_, round);
      return;
    }
    arrived_.store(0, std::memory_order_relaxed);
    round_.store(round + 1, std::memory_order_release);
    round_.notify_all();
  }

 private:
  const int64_t parties_;
  std::atomic<int64_t> arrived_{0};
  std::atomic<uint32_t> round_{0};
};

}  // namespace inkling
