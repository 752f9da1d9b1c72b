#include "cli/visible_text.h"

#include <doctest/doctest.h>

using namespace inkling::cli;

TEST_CASE("visible spells out what could steer a terminal, and nothing else") {
  CHECK(visible("plain é 猫 👩‍🚀\n\t") == "plain é 猫 👩‍🚀\n\t");
  CHECK(visible("\x1b]0;title\x07") == "\\x1b]0;title\\x07");
  CHECK(visible("a\rb") == "a\\x0db");
  CHECK(visible("\x7f") == "\\x7f");
  CHECK(visible("\u009b2J") == "\\u009b2J");
  CHECK(visible("\u202eabc\u2066") == "\\u202eabc\\u2066");
  CHECK(visible("\xff") == "\uFFFD");
  CHECK(visible(std::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("visible_character shows also what is blank") {
  CHECK(visible_character(" ", true) == "␣");
  CHECK(visible_character("\n", true) == "\\n");
  CHECK(visible_character("é", true) == "é");
}

TEST_CASE("tab_separated keeps a field on its line") {
  CHECK(tab_separated("a\tb\\c\nd") == "a\\tb\\\\c\\nd");
}
