#pragma once

#include <cstdint>
#include <string_view>

namespace inkling::text {

// Columns that well-formed UTF-8 takes on a terminal: two for wide characters and emoji, none for
// marks and controls. Terminals differ in rare cases.
int64_t display_width(std::string_view text);

}  // namespace inkling::text
