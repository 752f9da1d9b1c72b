#include "train/schedule.h"

#include <doctest/doctest.h>

using namespace inkling::train;

TEST_CASE("the factor on the learning rate, by schedule, share of the run and warm-up") {
  struct Case {
    ScheduleKind kind;
    double share;
    int64_t step, warmup_steps;
    double factor;
  };
  constexpr auto constant = ScheduleKind::constant, step = ScheduleKind::step,
                 cosine = ScheduleKind::cosine, linear = ScheduleKind::linear;
  const Case cases[] = {
      {constant, 0, 0, 0, 1},        {constant, 1, 9, 0, 1},        {constant, 0, 0, 4, 0.25},
      {constant, 0.1, 3, 4, 1},      {constant, 0.1, 4, 4, 1},      {step, 0, 0, 0, 1},
      {step, 0.499, 9, 0, 1},        {step, 0.5, 9, 0, 0.5},        {step, 0.749, 9, 0, 0.5},
      {step, 0.75, 9, 0, 0.25},      {step, 0.9, 9, 0, 0.125},      {step, 1, 9, 0, 0.125},
      {cosine, 0, 0, 0, 1},          {cosine, 1.0 / 3, 9, 0, 0.75}, {cosine, 0.5, 9, 0, 0.5},
      {cosine, 2.0 / 3, 9, 0, 0.25}, {cosine, 1, 9, 0, 0},          {cosine, 0.5, 1, 8, 0.125},
      {linear, 0, 0, 0, 1},          {linear, 0.25, 9, 0, 0.75},    {linear, 1, 9, 0, 0},
      {linear, 1.5, 9, 0, 0},        {linear, -0.5, 9, 0, 1},       {linear, 0.5, 4, 10, 0.25},
  };
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.kind));
    CAPTURE(c.share);
    CAPTURE(c.step);
    CHECK(schedule_factor(c.kind, c.share, c.step, c.warmup_steps) ==
          doctest::Approx(c.factor).epsilon(1e-12).scale(1));
  }
}
