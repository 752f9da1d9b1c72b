#include "generate/stop_text.h"

#include <doctest/doctest.h>

namespace inkling::generate {
namespace {

TEST_CASE("text is shown as soon as it cannot begin a stop text") {
  struct Row {
    std::vector<std::string> stops;
    std::vector<std::string> pieces, shown;  // the last shown is finish()'s
    bool found;
  };
  const std::vector<Row> table{
      {{}, {"ab", "c"}, {"ab", "c", ""}, false},
      {{"END"}, {"xE", "N", "x"}, {"x", "", "ENx", ""}, false},
      {{"END"}, {"xE", "N", "D", "y"}, {"x", "", "", "", ""}, true},
      {{"END"}, {"EEND"}, {"E", ""}, true},
      {{"aab"}, {"aa", "a", "b"}, {"", "a", "", ""}, true},
      {{"bc", "abcd"}, {"ab", "c"}, {"", "a", ""}, true},
      {{"x", "ax"}, {"a", "x"}, {"", "", ""}, true},
      {{"END"}, {"EN"}, {"", "EN"}, false},
  };
  for (const Row& row : table) {
    StopText stop(row.stops);
    std::vector<std::string> shown;
    for (const std::string& piece : row.pieces) shown.push_back(stop.add(piece));
    shown.push_back(stop.finish());
    CHECK(shown == row.shown);
    CHECK(stop.found() == row.found);
  }
}

}  // namespace
}  // namespace inkling::generate
