#pragma once

#include <array>
#include <string_view>

#include "edit/frame.h"

namespace inkling::edit {

// What a terminal can tell apart.
enum class Colors { none, few, many };  // attributes alone; 8 or 16 colours; 256 or more

// The escape sequence that switches each Style on, after a reset; "" for none.
using Palette = std::array<std::string_view, styles>;

// The ghost is pale in every one of them: what is not there yet must not look typed.
constexpr Palette palette_for(Colors colors) {
  // In the order of Style: plain, sent, marker, ghost, word, chosen, note.
  if (colors == Colors::many) {
    return {"", "\033[1m",         "\033[38;5;39m", "\033[38;5;245m",
            "", "\033[1;38;5;39m", "\033[38;5;245m"};
  }
  if (colors == Colors::few)
    return {"", "\033[1m", "\033[36m", "\033[2m", "", "\033[1;36m", "\033[2m"};
  return {"", "\033[1m", "", "\033[2m", "", "\033[1m", "\033[2m"};
}

}  // namespace inkling::edit
