#pragma once

#include <cstdint>

#include "edit/key.h"

namespace inkling::edit {

// What a key is for, while a text is edited.
enum class Action : uint8_t {
  none,
  submit,
  cancel,
  leave,  // or, where there is text, remove
  suspend,
  quit,
  clear,
  type,
  paste,
  new_line,
  complete,
  alternative,
  end,  // of the line; at the text's end, all of the ghost
  right,
  left,
  word_right,
  word_left,
  line_begin,
  text_begin,
  text_end,
  up,
  down,
  older,
  newer,
  search,
  backspace,
  remove,
  kill_word_left,
  kill_blank_word_left,
  kill_word_right,
  kill_to_line_begin,
  kill_to_line_end,
  yank,
  transpose,
  undo,
  redo,
};

// Emacs's keys, as readline has them.
Action action_of(const Key& key);

}  // namespace inkling::edit
