#include "base/work_clock.h"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace inkling {
namespace {

// A process that works gets a tenth of one processor at least, however busy the machine; less than
// a second is never worth a thought.
constexpr double most_wall_per_processor = 10, always_allowed = 1;

}  // namespace

ClockReading read_clocks() {
  timespec processor{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &processor);
  const auto wall = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration<double>(wall).count(),
          static_cast<double>(processor.tv_sec) + 1e-9 * static_cast<double>(processor.tv_nsec)};
}

double seconds_of_work(const ClockReading& before, const ClockReading& after) {
  const double worked = std::max(0.0, after.processor - before.processor);
  return std::clamp(after.wall - before.wall, 0.0,
                    always_allowed + most_wall_per_processor * worked);
}

}  // namespace inkling
