#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "edit/undo_log.h"

namespace inkling::edit {

// A text that is being edited, and the cursor in it: a byte offset, always at a boundary of
// grapheme clusters. Moves go by clusters and by ICU's words (text/caret.h). Text is well-formed
// UTF-8.
class TextBuffer {
 public:
  const std::string& text() const { return text_; }
  size_t cursor() const { return cursor_; }
  bool at_end() const { return cursor_ == text_.size(); }
  std::string_view before_cursor() const { return std::string_view(text_).substr(0, cursor_); }

  // Another text, the cursor at its end; nothing of the old one can be undone.
  void reset(std::string text);
  // Another text as a change that can be undone.
  void replace_all(std::string_view text);
  // Text [begin, end) gives way to `text`, behind which the cursor then stands.
  void replace(size_t begin, size_t end, std::string_view text);

  // At the cursor. type() is what single keys write: undo takes it back by words.
  void insert(std::string_view text);
  void type(std::string_view text);

  void move_to(size_t at);
  void left();
  void right();
  void word_left();
  void word_right();
  // Of the line between line feeds that the cursor is in.
  void line_begin();
  void line_end();

  void backspace();
  void remove();
  // What these take away, yank() writes again; what several of them in a row do, as one.
  void kill_word_left();
  void kill_blank_word_left();  // up to white space
  void kill_word_right();
  void kill_to_line_begin();
  void kill_to_line_end();
  void yank();
  // The two clusters around the cursor change places; at a line's end the two before it.
  void transpose();

  void undo();
  void redo();

 private:
  void change(size_t begin, size_t end, std::string_view text, UndoLog::Kind kind);
  void kill(size_t begin, size_t end);
  size_t begin_of_line() const;
  size_t end_of_line() const;

  std::string text_;
  size_t cursor_ = 0;
  UndoLog log_;
  std::string killed_;
  bool killing_ = false;  // the last thing done was a kill
};

}  // namespace inkling::edit
