#include "cli/word_wrap.h"

#include <utility>

#include "text/display_width.h"
#include "text/utf8.h"
#include "text/visible.h"
#include "text/word_class.h"

namespace inkling::cli {

WordWrap::WordWrap(int width, int64_t column, Sink sink)
    : width_(width), column_(0), sink_(std::move(sink)) {
  if (width_ > 0) advance(column);
}

void WordWrap::add(std::string_view piece) {
  if (width_ == 0) return sink_.show(piece);
  for (size_t at = 0; at < piece.size();) {
    const size_t begin = at;
    const char32_t code_point = text::next_code_point(piece, at);
    const std::string_view bytes = piece.substr(begin, at - begin);
    if (code_point == '\n') {
      finish();
      sink_.show(bytes);
      column_ = 0;
    } else if (code_point == ' ') {
      show_word();
      blanks_ += ' ';
    } else {
      word_ += bytes;
      const bool divides = text::word_class(code_point) == text::WordClass::dictionary;
      if (divides || std::ssize(word_) > width_) show_word();
    }
  }
}

void WordWrap::finish() {
  show_word();
  show(std::exchange(blanks_, ""));
}

void WordWrap::show_word() {
  if (word_.empty()) return;
  const int64_t blanks = std::ssize(blanks_);
  const int64_t columns = text::display_width(text::visible(word_));
  if (column_ > 0 && blanks > 0 && column_ + blanks + columns > width_ && columns <= width_) {
    sink_.break_line(std::exchange(blanks_, ""));
    column_ = 0;
  }
  show(std::exchange(blanks_, "") + std::exchange(word_, ""));
}

void WordWrap::show(std::string_view text) {
  if (text.empty()) return;
  sink_.show(text);
  advance(text::display_width(text::visible(text)));
}

// A full row stays the row until something comes behind it.
void WordWrap::advance(int64_t columns) {
  column_ += columns;
  if (column_ > width_) column_ = (column_ - 1) % width_ + 1;
}

}  // namespace inkling::cli
