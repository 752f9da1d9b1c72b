#include "base/thread_pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using inkling::ThreadPool;

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
