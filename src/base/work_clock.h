#pragma once

#include <functional>

namespace inkling {

// Two clocks at one moment, in seconds since some beginning.
struct ClockReading {
  double wall = 0;       // goes on while this process is stopped
  double processor = 0;  // time that processors have spent on this process
};
using Clock = std::function<ClockReading()>;

// The machine's, neither of which is ever set back.
ClockReading read_clocks();

// The seconds that the work between two readings took, never negative. Time in which this process
// was stopped (Ctrl-Z), or its machine was, is left out: it is told by how little the processors
// have done.
double seconds_of_work(const ClockReading& before, const ClockReading& after);

}  // namespace inkling
