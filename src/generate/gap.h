#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace inkling::generate {

// Where a word is missing in a text: three underscores or more, bytes [begin, end).
struct Gap {
  size_t begin = 0;
  size_t end = 0;
};

std::vector<Gap> find_gaps(std::string_view text);

// The text without a gap at its end.
std::string_view without_gap(std::string_view text);

}  // namespace inkling::generate
