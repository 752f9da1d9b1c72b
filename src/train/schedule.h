#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "train/train_options.h"

namespace inkling::train {

// The factor on the learning rate at a step: `share` of the run is done, 0..1.
inline double schedule_factor(ScheduleKind kind, double share, int64_t step, int64_t warmup_steps) {
  share = std::clamp(share, 0.0, 1.0);
  double factor = 1;
  switch (kind) {
    case ScheduleKind::constant:
      break;
    case ScheduleKind::step:
      factor = share < 0.5 ? 1 : share < 0.75 ? 0.5 : share < 0.9 ? 0.25 : 0.125;
      break;
    case ScheduleKind::cosine:
      factor = 0.5 * (1 + std::cos(std::numbers::pi * share));
      break;
    case ScheduleKind::linear:
      factor = 1 - share;
      break;
  }
  if (step < warmup_steps)
    factor *= static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
  return factor;
}

}  // namespace inkling::train
