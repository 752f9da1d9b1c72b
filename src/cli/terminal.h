#pragma once

namespace inkling::cli {

// What a stream can show.
struct Terminal {
  bool is_terminal = false;
  bool redraws = false;      // a terminal that can draw over a line (TERM is not "dumb")
  bool color = false;        // redraws, and NO_COLOR is not set
  bool many_colors = false;  // color, and 256 of them or more, by TERM and COLORTERM
  bool utf8 = true;          // no terminal, or a locale in UTF-8: blocks and arrows may be drawn
  int width = 80;            // columns: $COLUMNS, else what the terminal says, else 80; at least 20
};

Terminal inspect_terminal(int descriptor);

// The width alone, as it is now: people resize windows.
int terminal_width(int descriptor);
// The same where it may be less than 20.
int terminal_columns(int descriptor);

}  // namespace inkling::cli
