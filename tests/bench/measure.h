#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

// How the benchmarks measure.
namespace inkling::bench {

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Processor time of this thread alone: what other work on the machine took is not in it.
inline double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// The median over rounds of seconds for one call, after one that does not count.
inline double median_seconds(int rounds, const std::function<void()>& call) {
  call();
  std::vector<double> seconds;
  for (int i = 0; i < rounds; ++i) {
    const double start = now();
    call();
    seconds.push_back(now() - start);
  }
  return median(std::move(seconds));
}

// Two speeds measured in turn, so that a machine that grows slower or faster does so to both:
// medians of each, and of second / first in every pair.
struct Pair {
  double first, second;
  double share, least_share, greatest_share;
};

inline Pair in_turn(int passes, const std::function<double()>& first,
                    const std::function<double()>& second) {
  std::vector<double> firsts, seconds, shares;
  for (int pass = 0; pass < passes; ++pass) {
    if (pass % 2 == 0) firsts.push_back(first());
    seconds.push_back(second());
    if (pass % 2 != 0) firsts.push_back(first());
    shares.push_back(seconds.back() / firsts.back());
  }
  const auto [least, greatest] = std::minmax_element(shares.begin(), shares.end());
  return {median(firsts), median(seconds), median(shares), *least, *greatest};
}

inline std::string processor() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

inline double rounded(double x) { return std::round(x * 1000) / 1000; }

}  // namespace inkling::bench
