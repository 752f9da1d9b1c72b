#include "base/meeting.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "base/thread_pool.h"

using inkling::Meeting;
using inkling::ThreadPool;

TEST_CASE("after a meeting each party sees what all did before it, and nothing of what follows") {
  for (const int parties : {1, 2, 3, 5}) {
    constexpr int rounds = 300;
    ThreadPool pool(parties);
    Meeting meeting(parties);
    // Not atomic: the meetings alone order what is written and read.
    std::vector<int> written(static_cast<size_t>(parties));
    std::vector<char> as_expected(static_cast<size_t>(parties), 1);
    pool.run(parties, [&](int64_t i) {
      const auto me = static_cast<size_t>(i);
      for (int round = 1; round <= rounds; ++round) {
        written[me] = round;
        meeting.wait();
        if (std::count(written.begin(), written.end(), round) < parties) as_expected[me] = 0;
        meeting.wait();
      }
    });
    CHECK(std::count(as_expected.begin(), as_expected.end(), 1) == parties);
  }
}

TEST_CASE("who waits long at a meeting sleeps and is woken") {
  ThreadPool pool(3);
  Meeting meeting(3);
  std::vector<int> written(3);
  std::vector<int> seen(3);
  pool.run(3, [&](int64_t i) {
    const auto me = static_cast<size_t>(i);
    for (int round = 0; round < 6; ++round) {
      // Each is late in turn.
      if (round % 3 == i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ++written[me];
      meeting.wait();
      seen[me] += written[0] + written[1] + written[2];
      meeting.wait();
    }
  });
  CHECK(seen == std::vector<int>(3, 3 + 6 + 9 + 12 + 15 + 18));
}
