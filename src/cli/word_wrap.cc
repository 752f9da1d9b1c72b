#include "cli/word_wrap.h"

#include <algorithm>
#include <utility>

#include "text/display_width.h"
#include "text/segmenter.h"
#include "text/utf8.h"
#include "text/visible.h"
#include "text/word_class.h"

namespace inkling::cli {
namespace {

constexpr int64_t tab_stop = 8;

int64_t columns_of(std::string_view text) { return text::display_width(text::visible(text)); }

// Of a script whose words ICU looks up: a line may be broken anywhere.
bool stands_alone(std::string_view character) {
  size_t at = 0;
  return text::word_class(text::next_code_point(character, at)) == text::WordClass::dictionary;
}

}  // namespace

WordWrap::WordWrap(int width, Sink sink) : width_(width), sink_(std::move(sink)) {}

void WordWrap::stand_behind(std::string_view text, bool moves_on) {
  if (width_ == 0) return;
  advance(text);
  behind_blank_ = text.ends_with(' ') || text.ends_with('\t');
  if (moves_on && column_ == width_) column_ = 0;
}

void WordWrap::add(std::string_view piece) {
  if (width_ == 0) return sink_.show(piece);
  text::for_each_character(piece, text::Unit::grapheme, [this](std::string_view character) {
    if (character == " ") {
      show_word();
      blanks_ += ' ';
    } else if (character.ends_with('\n') || character == "\t") {
      finish();
      show(character);
      behind_blank_ = true;
    } else {
      word_ += character;
      word_columns_ += columns_of(character);
      if (stands_alone(character) || word_columns_ > width_) show_word();
    }
  });
}

void WordWrap::finish() {
  show_word();
  behind_blank_ = behind_blank_ || !blanks_.empty();
  show(std::exchange(blanks_, ""));
}

void WordWrap::show_word() {
  if (word_.empty()) return;
  const int64_t end = column_ + std::ssize(blanks_) + word_columns_;
  const bool divides = behind_blank_ || !blanks_.empty();
  if (column_ > 0 && divides && end > width_ && word_columns_ <= width_) {
    sink_.break_line(std::exchange(blanks_, ""));
    column_ = 0;
  }
  show(std::exchange(blanks_, "") + std::exchange(word_, ""));
  word_columns_ = 0;
  behind_blank_ = false;
}

void WordWrap::show(std::string_view text) {
  if (text.empty()) return;
  sink_.show(text);
  advance(text);
}

// A full row stays the row until something comes behind it; what does not fit on it begins the
// next.
void WordWrap::advance(std::string_view text) {
  text::for_each_character(text, text::Unit::grapheme, [this](std::string_view character) {
    if (character.ends_with('\n')) {
      column_ = 0;
    } else if (character == "\t") {
      column_ = std::min((column_ / tab_stop + 1) * tab_stop, width_ - 1);
    } else {
      const int64_t columns = columns_of(character);
      column_ = column_ + columns > width_ ? columns : column_ + columns;
    }
  });
}

}  // namespace inkling::cli
