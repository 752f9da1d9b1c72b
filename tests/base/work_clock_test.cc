#include "base/work_clock.h"

#include <doctest/doctest.h>

using inkling::ClockReading;
using inkling::seconds_of_work;

TEST_CASE("the time of a work is that on the wall, but for jumps and stops") {
  struct Case {
    ClockReading before, after;
    double seconds;
  };
  const Case cases[] = {
      {{100, 5}, {100, 5}, 0},       {{100, 5}, {100.25, 5.2}, 0.25},
      {{100, 5}, {103, 11}, 3},       // two threads
      {{100, 5}, {103, 5.4}, 3},      // a busy machine
      {{100, 5}, {3700, 5.25}, 3.5},  // stopped for an hour
      {{100, 5}, {3700, 5}, 1},       // and no clock of the processor
      {{100, 5}, {40, 5.5}, 0},       // set back
      {{100, 5}, {100.25, 4}, 0.25},  // the other one set back
  };
  for (const Case& c : cases) {
    CAPTURE(c.after.wall);
    CHECK(seconds_of_work(c.before, c.after) == doctest::Approx(c.seconds));
  }
}

TEST_CASE("the machine's clocks go on, the processor's by what it does") {
  const ClockReading before = inkling::read_clocks();
  ClockReading after = before;
  while (after.processor < before.processor + 0.002) after = inkling::read_clocks();
  CHECK(after.wall > before.wall);
  CHECK(seconds_of_work(before, after) > 0);
}
