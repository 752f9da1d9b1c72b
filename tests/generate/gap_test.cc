#include "generate/gap.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace inkling::generate {
namespace {

TEST_CASE("a gap is three underscores or more") {
  const std::vector<std::pair<std::string, std::string>> table{{"the ___ cat", "4-7"},
                                                               {"the___", "3-6"},
                                                               {"_____ a", "0-5"},
                                                               {"a __ b", ""},
                                                               {"", ""},
                                                               {"___", "0-3"},
                                                               {"a ___ b ____", "2-5 8-12"}};
  for (const auto& [text, expected] : table) {
    std::string found;
    for (const Gap& gap : find_gaps(text)) {
      found +=
          (found.empty() ? "" : " ") + std::to_string(gap.begin) + "-" + std::to_string(gap.end);
    }
    CHECK(found == expected);
  }
}

TEST_CASE("a gap at the end is taken away, others stay") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"the ___", "the "}, {"the___", "the"}, {"the _____", "the "}, {"__x__", "__x__"},
      {"___", ""},         {"", ""},          {"___ a", "___ a"}};
  for (const auto& [text, rest] : table) CHECK(without_gap(text) == rest);
}

}  // namespace
}  // namespace inkling::generate
