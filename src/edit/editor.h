#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "edit/advisor.h"
#include "edit/completion_menu.h"
#include "edit/history.h"
#include "edit/history_search.h"
#include "edit/key_bindings.h"
#include "edit/screen_layout.h"
#include "edit/suggestions.h"
#include "edit/text_buffer.h"

namespace inkling::edit {

// What keys do to a text, and what is then to be seen. Knows no terminal: keys come in, frames come
// out.
//
// Emacs's keys, as readline has them, and: Tab or Right at the end takes a word of the ghost, End
// (Ctrl-E) all of it, Shift-Tab shows an alternative; Alt-Enter and Ctrl-J begin a new line; Up and
// Down move by rows and, from the first and last, through the history; Ctrl-R searches it; Ctrl-_
// undoes, Alt-_ does it again.
class Editor {
 public:
  enum class Outcome {
    go_on,
    submit,   // Enter
    cancel,   // Ctrl-C
    leave,    // Ctrl-D in an empty text
    suspend,  // Ctrl-Z
    quit,     // Ctrl-backslash
    clear,    // Ctrl-L: the screen, not the text
  };
  // What stands before the text, which may depend on it.
  using Marker = std::function<std::string(std::string_view text, bool straight)>;

  // The history and the advisor must outlive it.
  Editor(History& history, Advisor& advisor, Marker marker);

  // A new text, or one that was taken back, straight as it was then. A slash that is typed first
  // takes the place of that, as it begins a command.
  void begin(std::string text = "", bool straight = false);
  Outcome press(const Key& key);
  // The advisor has an answer.
  void hear();
  // It would answer differently now.
  void ask();

  const std::string& text() const { return buffer_.text(); }
  // What was typed last: not an entry of the history that is looked at.
  const std::string& unfinished() const;
  // A slash took the place of the text that was taken back.
  bool set_aside() const { return set_aside_; }
  // The text's begin is a continuation that goes straight on from what is before it.
  bool straight() const { return straight_; }

  // A line shown at the bottom when there is nothing more important to say.
  void set_status(std::string status) { status_ = std::move(status); }
  void set_widths(const text::WidthProfile& widths) { widths_ = widths; }
  const text::WidthProfile& widths() const { return widths_; }
  void set_size(Size size) { size_ = size; }
  // What is to be seen now.
  const Frame& frame();
  // What stays on the terminal when the text is done: it alone, the cursor at its end. Of a very
  // long one, the end; else also what is higher than the screen.
  Frame last_frame() const;
  // What then stands in the row with the cursor.
  std::string last_row() const;

 private:
  enum class Wish { none, word, all };

  Outcome press_in_search(const Key& key);
  bool press_in_menu(const Key& key);
  Outcome act(Action action, const Key& key);
  bool move(Action action);
  void change(Action action, std::string_view pasted);
  void type(std::string_view text);
  void take(Wish wish);
  void accept(std::string_view text);
  void complete();
  void vertical(int rows);
  void through_history(int step);
  void end_search(bool keep);
  View view() const;
  Frame done_frame(int most_rows) const;

  History& history_;
  Advisor& advisor_;
  Marker marker_;
  TextBuffer buffer_;
  Suggestions suggestions_;
  CompletionMenu menu_;
  std::optional<HistorySearch> search_;
  bool straight_ = false;
  bool untouched_ = false;  // a text that was taken back
  bool set_aside_ = false;
  Wish wish_ = Wish::none;  // of the answer that has not come yet
  size_t entry_ = 0;        // of the history; its size = the draft
  std::string draft_;
  bool draft_straight_ = false;
  std::optional<int> goal_column_;  // of Up and Down
  std::string status_;
  text::WidthProfile widths_;
  Size size_;
  Frame frame_;
};

}  // namespace inkling::edit
