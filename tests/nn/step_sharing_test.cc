#include "nn/step_sharing.h"

#include <doctest/doctest.h>

#include <chrono>
#include <set>

namespace inkling::nn {
namespace {

void spend(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

TEST_CASE("every way is tried, and the fastest kept until the next trial") {
  for (const int fastest : {0, 1, 2}) {
    StepSharing sharing(3);
    std::set<int> tried;
    for (int step = 0; step < 40; ++step) {
      const int way = sharing.begin();
      if (step < 12) tried.insert(way);
      if (step >= 12) CHECK(way == fastest);
      if (way != fastest) spend(std::chrono::milliseconds(2));
      sharing.end(1);
    }
    CHECK(tried.size() == 3);
    CHECK(sharing.fastest() == fastest);
  }
}

TEST_CASE("a step of many rows is not slow for being long") {
  StepSharing sharing(2);
  for (int step = 0; step < 8; ++step) {
    const int way = sharing.begin();
    spend(std::chrono::milliseconds(way == 0 ? 4 : 2));
    sharing.end(way == 0 ? 100 : 1);
  }
  CHECK(sharing.fastest() == 0);
}

}  // namespace
}  // namespace inkling::nn
