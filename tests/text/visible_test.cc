#include "text/visible.h"

#include <doctest/doctest.h>

using inkling::text::visible;

TEST_CASE("visible spells out what could steer a terminal, and nothing else") {
  CHECK(visible("plain é 猫 👩‍🚀\n\t") == "plain é 猫 👩‍🚀\n\t");
  CHECK(visible("\x1b]0;title\x07") == "\\x1b]0;title\\x07");
  CHECK(visible("a\rb") == "a\\x0db");
  CHECK(visible("\x7f") == "\\x7f");
  CHECK(visible("\u009b2J") == "\\u009b2J");
  CHECK(visible("\u202eabc\u2066") == "\\u202eabc\\u2066");
  CHECK(visible("\xff") == "\uFFFD");
  CHECK(visible(std::string_view("\0", 1)) == "\\x00");
  CHECK(visible("a\u2028b\u2029") == "a\\u2028b\\u2029");
  // Marks that text in Hebrew, Arabic, Persian and Hindi needs, and emoji joiners.
  const std::string needed = "\u200f\u200e\u061c\u200d\u200c שלום 👩‍🚀";
  CHECK(visible(needed) == needed);
}
