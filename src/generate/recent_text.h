#pragma once

#include <string_view>

namespace inkling::generate {

// The part of a text that a model reads before it goes on from it: all, or of more than 4 KiB the
// last 3 to 4. What is older changes no probability in its fourth decimal any more
// (tests/bench/README.md), and reading it would take longer each time. Where the part begins moves
// in steps, so that of a growing text most of what was read before need not be read again. Begins
// with a whole code point.
std::string_view recent_text(std::string_view text);

}  // namespace inkling::generate
