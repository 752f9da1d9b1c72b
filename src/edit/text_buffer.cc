#include "edit/text_buffer.h"

#include <algorithm>
#include <utility>

#include "text/caret.h"

namespace inkling::edit {

void TextBuffer::reset(std::string text) {
  text_ = std::move(text);
  cursor_ = text_.size();
  log_.clear();
  killing_ = false;
}

void TextBuffer::replace_all(std::string_view text) {
  change(0, text_.size(), text, UndoLog::Kind::single);
}

void TextBuffer::replace(size_t begin, size_t end, std::string_view text) {
  change(begin, end, text, UndoLog::Kind::single);
}

void TextBuffer::insert(std::string_view text) {
  change(cursor_, cursor_, text, UndoLog::Kind::single);
}

void TextBuffer::type(std::string_view text) {
  change(cursor_, cursor_, text, UndoLog::Kind::typing);
}

void TextBuffer::change(size_t begin, size_t end, std::string_view text, UndoLog::Kind kind) {
  killing_ = false;
  if (begin == end && text.empty()) return;
  log_.add({.at = begin,
            .removed = text_.substr(begin, end - begin),
            .inserted = std::string(text),
            .cursor_before = cursor_},
           kind);
  text_.replace(begin, end - begin, text);
  cursor_ = begin + text.size();
  // A mark may have joined what is before, or what is behind may have joined it.
  if (cursor_ < text_.size()) {
    const size_t boundary = text::cluster_boundary(text_, cursor_);
    if (boundary != cursor_) cursor_ = text::next_cluster(text_, boundary);
  }
}

void TextBuffer::move_to(size_t at) {
  killing_ = false;
  log_.part();
  cursor_ = text::cluster_boundary(text_, at);
}

void TextBuffer::left() { move_to(text::previous_cluster(text_, cursor_)); }
void TextBuffer::right() { move_to(text::next_cluster(text_, cursor_)); }
void TextBuffer::word_left() { move_to(text::previous_word_begin(text_, cursor_)); }
void TextBuffer::word_right() { move_to(text::next_word_end(text_, cursor_)); }
void TextBuffer::line_begin() { move_to(begin_of_line()); }
void TextBuffer::line_end() { move_to(end_of_line()); }

size_t TextBuffer::begin_of_line() const {
  const size_t feed = cursor_ == 0 ? std::string::npos : text_.rfind('\n', cursor_ - 1);
  return feed == std::string::npos ? 0 : feed + 1;
}

size_t TextBuffer::end_of_line() const { return std::min(text_.find('\n', cursor_), text_.size()); }

void TextBuffer::backspace() {
  change(text::backspace_begin(text_, cursor_), cursor_, "", UndoLog::Kind::deleting);
}

void TextBuffer::remove() {
  change(cursor_, text::next_cluster(text_, cursor_), "", UndoLog::Kind::single);
}

void TextBuffer::kill(size_t begin, size_t end) {
  if (begin == end) return;
  if (!killing_) killed_.clear();
  const std::string_view taken = std::string_view(text_).substr(begin, end - begin);
  killed_.insert(begin < cursor_ ? 0 : killed_.size(), taken);
  change(begin, end, "", UndoLog::Kind::single);
  killing_ = true;
}

void TextBuffer::kill_word_left() { kill(text::previous_word_begin(text_, cursor_), cursor_); }
void TextBuffer::kill_word_right() { kill(cursor_, text::next_word_end(text_, cursor_)); }

void TextBuffer::kill_blank_word_left() {
  constexpr std::string_view blanks = " \t\n";
  const std::string_view before = before_cursor();
  const size_t last = before.find_last_not_of(blanks);
  const size_t blank = last == std::string_view::npos ? last : before.find_last_of(blanks, last);
  kill(blank == std::string_view::npos ? 0 : blank + 1, cursor_);
}

void TextBuffer::kill_to_line_begin() {
  // At a line's begin its line feed goes, so that the key can be pressed again.
  const size_t begin = begin_of_line();
  kill(begin == cursor_ && begin > 0 ? begin - 1 : begin, cursor_);
}

void TextBuffer::kill_to_line_end() {
  const size_t end = end_of_line();
  kill(cursor_, end == cursor_ ? std::min(end + 1, text_.size()) : end);
}

void TextBuffer::yank() { insert(killed_); }

void TextBuffer::transpose() {
  const size_t end = cursor_ == end_of_line() ? cursor_ : text::next_cluster(text_, cursor_);
  const size_t middle = text::previous_cluster(text_, end);
  const size_t begin = text::previous_cluster(text_, middle);
  if (begin < begin_of_line() || begin == middle || middle == end) return;
  const std::string swapped =
      text_.substr(middle, end - middle) + text_.substr(begin, middle - begin);
  change(begin, end, swapped, UndoLog::Kind::single);
}

void TextBuffer::undo() {
  killing_ = false;
  const Change* change = log_.undo();
  if (!change) return;
  text_.replace(change->at, change->inserted.size(), change->removed);
  cursor_ = std::min(change->cursor_before, text_.size());
}

void TextBuffer::redo() {
  killing_ = false;
  const Change* change = log_.redo();
  if (!change) return;
  text_.replace(change->at, change->removed.size(), change->inserted);
  cursor_ = text::cluster_boundary(text_, change->at + change->inserted.size());
}

}  // namespace inkling::edit
