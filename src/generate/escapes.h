#pragma once

#include <string>
#include <string_view>

namespace inkling::generate {

// Removes the escape that `text` begins with, and returns what it stands for: \n a line feed, \t a
// tab, \\ a backslash. "" = it begins with none, and is as it was.
std::string take_escape(std::string_view& text);

// `text` with what its escapes stand for; any other backslash stays.
std::string resolve_escapes(std::string_view text);

}  // namespace inkling::generate
