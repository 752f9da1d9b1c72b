#include "cli/visible_text.h"

#include <doctest/doctest.h>

using namespace inkling::cli;

TEST_CASE("visible_character shows also what is blank") {
  CHECK(visible_character(" ", true) == "␣");
  CHECK(visible_character(" ", false) == "' '");
  CHECK(visible_character("\n", true) == "\\n");
  CHECK(visible_character("", true) == "<unk>");
  CHECK(visible_character("é", true) == "é");
  CHECK(visible_character("\xe2", true) == "\\xE2");
}

TEST_CASE("a byte that is no character by itself has a name") {
  CHECK(character_name("\xe2") == "\\xE2");
  CHECK(character_name("é") == "é");
  CHECK(character_name("a") == "a");
  CHECK(character_name("").empty());
}

TEST_CASE("tab_separated keeps a field on its line") {
  CHECK(tab_separated("a\tb\\c\nd\re") == "a\\tb\\\\c\\nd\\re");
}
