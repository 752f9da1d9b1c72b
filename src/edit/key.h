#pragma once

#include <string>

namespace inkling::edit {

// One thing that a person did at the keyboard, or that the terminal said.
struct Key {
  enum class Name {
    text,     // characters typed
    paste,    // characters pasted, of any number; line ends are line feeds
    control,  // with a letter or sign: Ctrl-A is 'a', Ctrl-_ is '_'
    alt,      // Alt, or Escape before it, with a letter or sign
    enter,
    new_line,  // Alt-Enter, Shift-Enter, Ctrl-J
    tab,
    back_tab,
    escape,
    backspace,
    word_backspace,
    remove,  // the Delete key
    word_remove,
    left,
    right,
    word_left,
    word_right,
    up,
    down,
    home,
    end,
    text_begin,  // Ctrl-Home
    text_end,
    report,  // the terminal's answer where the cursor is
    other,   // nothing that anybody here uses
  };

  Name name = Name::other;
  std::string text{};  // of text and paste: well-formed UTF-8
  char letter = 0;     // of control and alt
  int column = 0;      // of report, 0 = the leftmost

  bool operator==(const Key&) const = default;
};

}  // namespace inkling::edit
