#include "generate/escapes.h"

#include <doctest/doctest.h>

using namespace inkling::generate;

TEST_CASE("line feeds, tabs and backslashes can be written with a backslash") {
  CHECK(resolve_escapes("a\\nb\\tc\\\\nd") == "a\nb\tc\\nd");
  CHECK(resolve_escapes("C:\\dir \\") == "C:\\dir \\");
  CHECK(resolve_escapes("").empty());
  std::string_view text = "\\nrest";
  CHECK(take_escape(text) == "\n");
  CHECK(text == "rest");
  CHECK(take_escape(text).empty());
  CHECK(text == "rest");
}
