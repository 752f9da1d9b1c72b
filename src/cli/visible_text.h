#pragma once

#include <string>
#include <string_view>

namespace inkling::cli {

// `text` with control characters (but line feed and tab) and bidirectional overrides spelt out, as
// in "\x1b" or "\u202e": nothing that a model or a file says can steer the terminal. Ill-formed
// bytes become U+FFFD.
std::string visible(std::string_view text);

// One character as a table shows it: also line feed, tab, space and nothing at all can be seen.
std::string visible_character(std::string_view character, bool utf8);

// `text` in one field of a line with tabs: backslash, line feed, carriage return and tab as \\ \n
// \r \t.
std::string tab_separated(std::string_view text);

}  // namespace inkling::cli
