#include "base/thread_pool.h"

#include <doctest/doctest.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include "support/allocations.h"
#include "support/failing_allocation.h"

using inkling::ThreadPool;
using inkling::testing::allocations;
using inkling::testing::FailingAllocation;

namespace {

// New threads ask for more address space than there is, until the end of the scope.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&usual_);
    pthread_attr_t huge;
    pthread_getattr_default_np(&huge);
    pthread_attr_setstacksize(&huge, size_t{1} << 50);
    pthread_setattr_default_np(&huge);
    pthread_attr_destroy(&huge);
  }
  ~NoThreads() {
    pthread_setattr_default_np(&usual_);
    pthread_attr_destroy(&usual_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t usual_{};
};

void check_runs_each_once(ThreadPool& pool) {
  std::vector<int> runs(100);
  pool.run(100, [&](int64_t i) { ++runs[static_cast<size_t>(i)]; });
  CHECK(std::all_of(runs.begin(), runs.end(), [](int n) { return n == 1; }));
}

}  // namespace

TEST_CASE("each task runs once, and all are done when run() returns") {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    CHECK(pool.threads() == threads);
    for (const int64_t count : {0, 1, 2, 7, 8, 9, 1000}) {
      // Not atomic: what a task writes is seen by whoever called run().
      std::vector<int> runs(static_cast<size_t>(count));
      for (int round = 0; round < 50; ++round) {
        pool.run(count, [&](int64_t i) { ++runs[static_cast<size_t>(i)]; });
      }
      CHECK(std::all_of(runs.begin(), runs.end(), [](int n) { return n == 50; }));
    }
  }
}

TEST_CASE("workers that have gone to sleep come back") {
  ThreadPool pool(3);
  int64_t sum = 0;
  std::vector<int64_t> parts(16);
  for (int round = 0; round < 5; ++round) {
    pool.run(16, [&](int64_t i) { parts[static_cast<size_t>(i)] = i; });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (const int64_t part : parts) sum += part;
  }
  CHECK(sum == 5 * 120);
}

TEST_CASE("every thread starts with what it is given, the calling one too") {
  std::atomic<int> starts = 0;
  {
    ThreadPool pool(4, [&] { ++starts; });
    pool.run(4, [](int64_t) {});
  }
  CHECK(starts == 4);
}

TEST_CASE("where the system gives no more threads, those that there are do the work") {
  int starts = 0;
  {
    const NoThreads none;
    ThreadPool pool(4, [&] { ++starts; });
    CHECK(pool.threads() == 1);
    check_runs_each_once(pool);
  }
  CHECK(starts == 1);
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  CHECK(sigismember(&blocked, SIGINT) == 0);
  CHECK(ThreadPool(4).threads() == 4);
}

TEST_CASE("where a thread gets no memory, those before it do the work") {
  if (allocations().all == 0) return;  // under the address sanitizer
  for (const int n : {2, 3, 4}) {      // the first allocation is the list of threads
    const FailingAllocation failure(n, false);
    ThreadPool pool(4);
    CHECK(failure.has_failed());
    CHECK(pool.threads() == n - 1);
    check_runs_each_once(pool);
  }
}
