#include "cli/prompt/shade.h"

#include <algorithm>

namespace inkling::cli {

std::string_view shade_of(double surprise) {
  if (surprise < 0.5) return "\033[38;5;245m";
  if (surprise < 2) return "\033[39m";
  if (surprise < 3.5) return "\033[38;5;178m";
  if (surprise < 5.5) return "\033[38;5;208m";
  return "\033[38;5;197m";
}

double SurpriseQueue::take(size_t bytes) {
  double sum = 0;
  while (bytes > 0 && !queue_.empty()) {
    auto& [left, surprise] = queue_.front();
    sum += surprise;
    surprise = 0;  // what is left of it has been counted
    const size_t taken = std::min(left, bytes);
    left -= taken;
    bytes -= taken;
    if (left == 0) queue_.pop_front();
  }
  return sum;
}

}  // namespace inkling::cli
