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
    std::function<void(std::string_view text)> show;
    std::function<void(std::string_view blanks)> break_line;  // in place of these
  };

  // column: where on its row the text goes on. A width of 0 wraps nothing.
  WordWrap(int width, int64_t column, Sink sink);

  void add(std::string_view piece);  // whole code points
  // Shows what is held back.
  void finish();

 private:
  void show_word();
  void show(std::string_view text);
  void advance(int64_t columns);

  const int64_t width_;
  int64_t column_;
  Sink sink_;
  std::string blanks_, word_;  // held back
};

}  // namespace inkling::cli
