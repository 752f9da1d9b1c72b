#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace inkling::cli {

// Sets text that comes bit by bit into the columns of a terminal: a word that its edge would cut
// begins the next line. So a word is held back until it is whole; of a script that is written
// without spaces nothing is.
class WordWrap {
 public:
  struct Sink {
    std::function<void(std::string_view text)> show;          // whole characters
    std::function<void(std::string_view blanks)> break_line;  // in place of these, perhaps none
  };

  // Begins at the begin of a row. A width of 0 wraps nothing.
  WordWrap(int width, Sink sink);

  // This stands on the row already. moves_on: behind a row that it fills the cursor has gone to the
  // next one, as an editor's does; a terminal's stays until something comes.
  void stand_behind(std::string_view text, bool moves_on);
  void add(std::string_view piece);  // whole characters
  // Shows what is held back.
  void finish();

 private:
  void show_word();
  void show(std::string_view text);
  void advance(std::string_view text);

  const int64_t width_;
  Sink sink_;
  int64_t column_ = 0;
  bool behind_blank_ = false;  // what was shown last
  std::string blanks_, word_;  // held back
  int64_t word_columns_ = 0;
};

}  // namespace inkling::cli
