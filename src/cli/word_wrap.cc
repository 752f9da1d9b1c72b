#include "cli/word_wrap.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "text/segmenter.h"
#include "text/utf8.h"
#include "text/visible.h"
#include "text/word_class.h"

namespace inkling::cli {
namespace {

constexpr int64_t tab_stop = 8;

// How many stretches at the end of a word may be divided otherwise by what comes: of Han and kana
// the last; where a dictionary tells words, as many as it weighs against others. 0: it is not
// divided.
size_t undecided_behind(std::string_view character) {
  constexpr size_t weighed = 4;
  size_t at = 0;
  const char32_t code_point = text::next_code_point(character, at);
  if (text::breaks_lines_by_dictionary(code_point)) return weighed;
  return text::word_class(code_point) == text::WordClass::dictionary ? 1 : 0;
}

std::string_view part(std::string_view text, const text::Segment& segment) {
  return text.substr(static_cast<size_t>(segment.begin),
                     static_cast<size_t>(segment.end - segment.begin));
}

}  // namespace

WordWrap::WordWrap(std::function<int()> width, Sink sink, const text::WidthProfile& widths)
    : ask_width_(std::move(width)), width_(ask_width_()), sink_(std::move(sink)), widths_(widths) {}

int64_t WordWrap::columns_of(std::string_view text) const {
  return text::display_width(text::visible(text), widths_);
}

// Of a row whose terminal has become narrower, the end stands on another.
void WordWrap::look_at_width() {
  const int64_t width = ask_width_();
  if (width == width_ || width <= 0) return;
  width_ = width;
  column_ %= width;
}

void WordWrap::stand_behind(std::string_view row) {
  if (width_ == 0) return;
  advance(row);
  may_break_ = row.ends_with(' ') || row.ends_with('\t');
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
      may_break_ = true;
    } else {
      word_ += character;
      word_columns_ += columns_of(character);
      undecided_ = std::max(undecided_, undecided_behind(character));
      if (undecided_ > 0) show_settled();
      // What is held back comes to an end.
      if (word_columns_ > (undecided_ > 0 ? 2 : 1) * width_) show_word();
    }
  });
}

void WordWrap::finish() {
  show_word();
  may_break_ = may_break_ || !blanks_.empty();
  show(std::exchange(blanks_, ""));
}

void WordWrap::show_word() {
  const std::string word = std::exchange(word_, "");
  word_columns_ = 0;
  if (std::exchange(undecided_, 0) == 0) return show_unbroken(word);
  for (const text::Segment& segment : breaker_.unbroken(word)) {
    show_unbroken(part(word, segment));
    may_break_ = true;
  }
  may_break_ = false;
}

// What stands in the word and is sure to be divided so.
void WordWrap::show_settled() {
  const std::vector<text::Segment> segments = breaker_.unbroken(word_);
  if (segments.size() <= undecided_) return;
  const auto settled = static_cast<size_t>(segments[segments.size() - undecided_].begin);
  for (size_t i = 0; i + undecided_ < segments.size(); ++i) {
    show_unbroken(part(word_, segments[i]));
    may_break_ = true;
  }
  word_.erase(0, settled);
  word_columns_ = columns_of(word_);
  undecided_ = 1;  // of Han, where that follows
  text::for_each_character(word_, text::Unit::grapheme, [this](std::string_view character) {
    undecided_ = std::max(undecided_, undecided_behind(character));
  });
}

void WordWrap::show_unbroken(std::string_view text) {
  if (text.empty()) return;
  look_at_width();
  const int64_t columns = columns_of(text);
  const int64_t end = column_ + std::ssize(blanks_) + columns;
  const bool divides = may_break_ || !blanks_.empty();
  if (column_ > 0 && divides && end > width_ && columns <= width_) {
    sink_.break_line(std::exchange(blanks_, ""));
    column_ = 0;
  }
  show(std::exchange(blanks_, "") + std::string(text));
  may_break_ = false;
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
