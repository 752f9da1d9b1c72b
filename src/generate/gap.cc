#include "generate/gap.h"

#include <algorithm>

namespace inkling::generate {

std::vector<Gap> find_gaps(std::string_view text) {
  std::vector<Gap> gaps;
  for (size_t begin = text.find("___"); begin != std::string_view::npos;
       begin = text.find("___", gaps.back().end)) {
    gaps.push_back({begin, std::min(text.find_first_not_of('_', begin), text.size())});
  }
  return gaps;
}

std::string_view without_gap(std::string_view text) {
  const std::vector<Gap> gaps = find_gaps(text);
  const bool at_end = !gaps.empty() && gaps.back().end == text.size();
  return at_end ? text.substr(0, gaps.back().begin) : text;
}

}  // namespace inkling::generate
