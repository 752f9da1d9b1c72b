#include "cli/edit_distance.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace inkling::cli {

size_t edit_distance(std::string_view a, std::string_view b) {
  const size_t width = b.size() + 1;
  std::vector<size_t> cost((a.size() + 1) * width);
  const auto at = [&](size_t i, size_t j) -> size_t& { return cost[i * width + j]; };
  for (size_t i = 0; i <= a.size(); ++i) at(i, 0) = i;
  for (size_t j = 0; j <= b.size(); ++j) at(0, j) = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0U : 1U);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return at(a.size(), b.size());
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string_view prefix) {
  // Nobody means a 10,000-byte name; and the table is quadratic.
  if (typed.size() > 64) return "";
  std::string_view nearest;
  size_t least = std::max<size_t>(1, typed.size() / 3) + 1;
  for (const std::string_view name : known) {
    const size_t distance = edit_distance(typed, name);
    // One that has nothing in common with it is not meant.
    if (distance < std::min(least, std::max(typed.size(), name.size()))) {
      least = distance;
      nearest = name;
    }
  }
  if (nearest.empty() && typed.size() >= 2) {
    const auto begun = std::find_if(known.begin(), known.end(),
                                    [&](std::string_view name) { return name.starts_with(typed); });
    if (begun != known.end()) nearest = *begun;
  }
  return nearest.empty() ? "" : fmt::format("; did you mean '{}{}'?", prefix, nearest);
}

}  // namespace inkling::cli
