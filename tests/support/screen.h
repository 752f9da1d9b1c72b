#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/display_width.h"

namespace inkling::testing {

// A terminal's screen, as far as programs here use one: text of any width with the deferred wrap of
// xterm, CR, LF, BS, and the control sequences A B C D G H J K m n and ?h ?l. Tests say with it
// what a person sees.
class Screen {
 public:
  // profile: how wide this terminal draws what terminals disagree about.
  explicit Screen(int columns, int rows = 24, text::WidthProfile profile = {});

  void feed(std::string_view bytes);
  // As a terminal that reflows: rows that are now too long are broken, none are joined.
  void resize(int columns, int rows);

  // The rows without blanks at their ends, then without empty rows at the end, parted by line
  // feeds.
  std::string text() const;
  std::string row(int index) const;
  // What is in the cursor's row before it, blanks included.
  std::string before_cursor() const;
  // Scrolled out at the top, then text().
  std::string all_text() const;
  int cursor_row() const { return row_; }
  int cursor_column() const { return column_; }
  // The parameters of the SGR sequences in force where `part` begins, e.g. "1" or "38;5;245"; "?"
  // where it is not to be seen.
  std::string style_of(std::string_view part) const;
  bool marks_pastes() const { return marks_pastes_; }
  // Sequences that it does not know, spelt out; tests want none.
  const std::string& unknown() const { return unknown_; }
  // What the terminal has answered since the last call.
  std::string take_answers();

 private:
  struct Cell {
    std::string glyph = " ";
    int width = 1;  // 0 = the right part of a wide one
    std::string style{};
  };
  using Line = std::vector<Cell>;

  void put(std::string_view code_point);
  void join_nothing();
  void line_feed();
  void control_sequence(std::string_view parameters, char final);
  void erase(int row, int from, int to);
  static std::string text_of(const Line& line);

  int columns_, rows_;
  text::WidthProfile profile_;
  std::vector<Line> lines_;
  std::vector<std::string> scrolled_;
  int row_ = 0, column_ = 0;
  bool wrap_pending_ = false;
  int joinable_row_ = -1, joinable_column_ = 0;  // the cell that a mark would join
  std::string begun_;  // what has no width and nothing before it: perhaps the next cell's begin
  std::string style_;
  bool marks_pastes_ = false;
  std::string unread_;  // a sequence or code point of which bytes are missing
  std::string unknown_;
  std::string answers_;
};

}  // namespace inkling::testing
