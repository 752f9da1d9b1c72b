#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "text/display_width.h"
#include "text/words.h"

namespace inkling::cli {

// Sets text that comes bit by bit into the columns of a terminal: what its edge would cut begins
// the next line. So a word is held back until it is whole; of a script that is written without
// spaces what may stand at no line's end (Unicode Standard Annex 14), and in Thai and its like some
// words, by which ICU's dictionary decides where others end.
class WordWrap {
 public:
  struct Sink {
    std::function<void(std::string_view text)> show;          // whole characters
    std::function<void(std::string_view blanks)> break_line;  // in place of these, perhaps none
  };

  // Begins at the begin of a row. width: the columns as they are now, asked for at each word; where
  // it is 0 at first nothing is wrapped.
  WordWrap(std::function<int()> width, Sink sink, const text::WidthProfile& widths = {});

  // This stands on the row already.
  void stand_behind(std::string_view row);
  void add(std::string_view piece);  // whole characters
  // Shows what is held back.
  void finish();

 private:
  void look_at_width();
  void show_word();
  void show_settled();
  void show_unbroken(std::string_view text);
  void show(std::string_view text);
  void advance(std::string_view text);
  int64_t columns_of(std::string_view text) const;

  std::function<int()> ask_width_;
  int64_t width_;
  Sink sink_;
  text::WidthProfile widths_;
  text::WordBreaker breaker_;
  int64_t column_ = 0;
  bool may_break_ = false;     // behind what was shown last
  std::string blanks_, word_;  // held back
  int64_t word_columns_ = 0;
  size_t undecided_ = 0;  // of the stretches at its end, where it may be divided
};

}  // namespace inkling::cli
