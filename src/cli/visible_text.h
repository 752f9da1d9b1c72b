#pragma once

#include <string>
#include <string_view>

#include "text/visible.h"

namespace inkling::cli {

using text::visible;

// A character's name on a line of its own: itself, but for a byte that is none by itself (of a
// model whose unit is the byte), "\xE2".
std::string character_name(const std::string& character);

// One character as a table shows it: also line feed, tab, space and nothing at all can be seen.
std::string visible_character(std::string_view character, bool utf8);

// `text` in one field of a line with tabs: backslash, line feed, carriage return and tab as \\ \n
// \r \t.
std::string tab_separated(std::string_view text);

}  // namespace inkling::cli
