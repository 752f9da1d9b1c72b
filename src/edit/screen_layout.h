#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "edit/frame.h"
#include "text/display_width.h"

namespace inkling::edit {

// What is to be seen.
struct View {
  struct Item {
    std::string label;
    std::string note{};
    bool chosen = false;
  };

  std::string marker{};  // before the text; the text's further lines begin with as many blanks
  std::string_view text{};
  Style text_style = Style::plain;
  size_t cursor = 0;
  std::string_view ghost{};   // behind the text, at whose end the cursor then is; no line feeds
  std::vector<Item> strip{};  // a row under the text; as many as fit, the chosen one among them
  std::string_view note{};    // a row under that, cut where it is too long
};

// Sets it for a terminal of that size. The text is broken before a word that the right margin would
// cut; of a text that is higher than the screen the rows around the cursor are set, at a cost that
// does not depend on its length. What could steer a terminal is spelt out. The ghost is cut behind
// the last word that fits in its row, but never before its first.
Frame lay_out(const View& view, Size size, const text::WidthProfile& profile = {});

// Where in the text the cursor is to go when it moves `rows` rows down (negative: up) in the frame,
// near `column`; npos where the frame has no such row of the text.
size_t offset_in_row(const Frame& frame, int rows, int column);

}  // namespace inkling::edit
