#include "support/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "text/utf8.h"
#include "text/words.h"

namespace inkling::testing {
namespace {

int number_at(std::string_view parameters, size_t index, int otherwise) {
  for (; index > 0; --index) {
    const size_t semicolon = parameters.find(';');
    if (semicolon == std::string_view::npos) return otherwise;
    parameters.remove_prefix(semicolon + 1);
  }
  int value = otherwise;
  std::from_chars(parameters.data(), parameters.data() + parameters.size(), value);
  return value;
}

// Of an escape sequence that is no control sequence: a string (a window's title, say) up to its
// end, or up to the first byte that is no intermediate one. 0 = bytes are missing.
size_t other_sequence_size(std::string_view bytes) {
  if (bytes[1] == ']' || bytes[1] == 'P') {
    const size_t bell = bytes.find('\a');
    const size_t terminator = bytes.find("\033\\", 1);
    if (bell == bytes.npos && terminator == bytes.npos) return 0;
    return bell < terminator ? bell + 1 : terminator + 2;
  }
  const size_t final = bytes.find_first_not_of(" !\"#$%&'()*+,-./", 1);
  return final == bytes.npos ? 0 : final + 1;
}

bool is_one_cluster(std::string_view text) {
  static text::WordBreaker breaker;
  return breaker.clusters(text).size() == 1;
}

}  // namespace

Screen::Screen(int columns, int rows, text::WidthProfile profile)
    : columns_(columns), rows_(rows), profile_(profile) {
  lines_.assign(static_cast<size_t>(rows), Line(static_cast<size_t>(columns)));
}

void Screen::join_nothing() {
  joinable_row_ = -1;
  begun_.clear();
}

void Screen::line_feed() {
  wrap_pending_ = false;
  join_nothing();
  if (row_ + 1 < rows_) {
    ++row_;
    return;
  }
  scrolled_.push_back(text_of(lines_.front()));
  lines_.erase(lines_.begin());
  lines_.emplace_back(static_cast<size_t>(columns_));
}

void Screen::put(std::string_view code_point) {
  if (joinable_row_ == row_) {
    Cell& before = lines_[static_cast<size_t>(row_)][static_cast<size_t>(joinable_column_)];
    const std::string joined = before.glyph + std::string(code_point);
    const int width = static_cast<int>(text::cluster_width(joined, profile_));
    // What would go over the margin stands in the next row, by itself.
    const bool has_room = width - before.width <= (wrap_pending_ ? 0 : columns_ - column_);
    if (!text::is_ascii(code_point.front()) && is_one_cluster(joined) && has_room) {
      before.glyph = joined;
      for (; before.width < width && column_ < columns_; ++before.width, ++column_) {
        lines_[static_cast<size_t>(row_)][static_cast<size_t>(column_)] = {"", 0, style_};
      }
      if (column_ == columns_) --column_, wrap_pending_ = true;
      return;
    }
  }
  if (text::cluster_width(code_point, profile_) == 0) {
    // It stands on what is before it, whatever that is; on nothing it is seen only as the begin of
    // what follows.
    if (joinable_row_ == row_) {
      lines_[static_cast<size_t>(row_)][static_cast<size_t>(joinable_column_)].glyph += code_point;
    } else {
      begun_ += code_point;
    }
    return;
  }
  std::string glyph = std::exchange(begun_, "") + std::string(code_point);
  if (!is_one_cluster(glyph)) glyph = code_point;
  const int width = static_cast<int>(text::cluster_width(glyph, profile_));
  if (wrap_pending_ || column_ + width > columns_) {
    column_ = 0;
    line_feed();
  }
  Line& line = lines_[static_cast<size_t>(row_)];
  joinable_row_ = row_;
  joinable_column_ = column_;
  line[static_cast<size_t>(column_)] = {std::move(glyph), width, style_};
  for (int i = 1; i < width; ++i) line[static_cast<size_t>(column_ + i)] = {"", 0, style_};
  column_ += width;
  if (column_ == columns_) --column_, wrap_pending_ = true;
}

void Screen::erase(int row, int from, int to) {
  for (int i = from; i < to; ++i) lines_[static_cast<size_t>(row)][static_cast<size_t>(i)] = {};
}

void Screen::control_sequence(std::string_view parameters, char final) {
  const int n = std::max(1, number_at(parameters, 0, 1));
  const int mode = number_at(parameters, 0, 0);
  join_nothing();
  if (final != 'm' && final != 'K' && final != 'J') wrap_pending_ = false;
  if (parameters.starts_with('?') && (final == 'h' || final == 'l')) {
    if (parameters == "?2004") {
      marks_pastes_ = final == 'h';
    } else if (parameters != "?25") {
      unknown_ += fmt::format("[{}{}", parameters, final);
    }
    return;
  }
  switch (final) {
    case 'A':
      row_ = std::max(0, row_ - n);
      break;
    case 'B':
      row_ = std::min(rows_ - 1, row_ + n);
      break;
    case 'C':
      column_ = std::min(columns_ - 1, column_ + n);
      break;
    case 'D':
      column_ = std::max(0, column_ - n);
      break;
    case 'G':
      column_ = std::clamp(n - 1, 0, columns_ - 1);
      break;
    case 'H':
      row_ = std::clamp(n - 1, 0, rows_ - 1);
      column_ = std::clamp(number_at(parameters, 1, 1) - 1, 0, columns_ - 1);
      break;
    case 'J':
      if (mode == 0) erase(row_, column_, columns_);
      for (int i = mode == 2 ? 0 : row_ + 1; i < rows_; ++i) erase(i, 0, columns_);
      break;
    case 'K':
      erase(row_, mode == 2 || mode == 1 ? 0 : column_, mode == 1 ? column_ + 1 : columns_);
      break;
    case 'm':
      if (parameters.empty() || parameters == "0") {
        style_.clear();
      } else {
        style_ += (style_.empty() ? "" : ";") + std::string(parameters);
      }
      break;
    case 'n':
      answers_ += fmt::format("\033[{};{}R", row_ + 1, column_ + 1 + (wrap_pending_ ? 1 : 0));
      break;
    default:
      unknown_ += fmt::format("[{}{}", parameters, final);
  }
}

void Screen::feed(std::string_view bytes) {
  unread_ += bytes;
  size_t at = 0;
  while (at < unread_.size()) {
    const std::string_view rest = std::string_view(unread_).substr(at);
    const char c = rest.front();
    if (c == '\033') {
      if (rest.size() < 2) break;
      if (rest[1] != '[') {
        const size_t size = other_sequence_size(rest);
        if (size == 0) break;
        unknown_ += fmt::format("ESC {}", rest[1]);
        at += size;
        continue;
      }
      size_t end = 2;
      while (end < rest.size() && rest[end] >= 0x20 && rest[end] < 0x40) ++end;
      if (end == rest.size()) break;
      control_sequence(rest.substr(2, end - 2), rest[end]);
      at += end + 1;
    } else if (c == '\r') {
      column_ = 0;
      wrap_pending_ = false;
      join_nothing();
      ++at;
    } else if (c == '\n') {
      line_feed();
      ++at;
    } else if (c == '\b') {
      column_ = std::max(0, column_ - 1);
      ++at;
    } else if (c == '\a' || c == '\0') {
      ++at;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      unknown_ += fmt::format("\\x{:02x}", static_cast<int>(c));
      ++at;
    } else {
      if (text::without_begun_code_point(rest.substr(0, 4)) == 0) break;
      size_t end = 0;
      const char32_t code_point = text::next_code_point(rest, end);
      std::string one;
      text::append_code_point(one, code_point);
      put(one);
      at += end;
    }
  }
  unread_.erase(0, at);
}

void Screen::resize(int columns, int rows) {
  std::vector<Line> reflowed;
  int cursor_row = 0, cursor_column = 0;
  for (int i = 0; i < rows_; ++i) {
    const Line& line = lines_[static_cast<size_t>(i)];
    int used = columns_;
    while (used > 0 && line[static_cast<size_t>(used - 1)].glyph == " ") --used;
    if (i == row_) used = std::max(used, column_ + 1);
    const int pieces = std::max(1, (used + columns - 1) / columns);
    for (int piece = 0; piece < pieces; ++piece) {
      Line part(static_cast<size_t>(columns));
      for (int j = 0; j < columns && piece * columns + j < columns_; ++j) {
        part[static_cast<size_t>(j)] = line[static_cast<size_t>(piece * columns + j)];
      }
      if (i == row_ && column_ / columns == piece) {
        cursor_row = static_cast<int>(reflowed.size());
        cursor_column = column_ % columns;
      }
      reflowed.push_back(std::move(part));
    }
  }
  // Empty rows at the bottom go first, then rows at the top.
  while (static_cast<int>(reflowed.size()) > rows &&
         static_cast<int>(reflowed.size()) > cursor_row + 1 && text_of(reflowed.back()).empty()) {
    reflowed.pop_back();
  }
  while (static_cast<int>(reflowed.size()) > rows) {
    scrolled_.push_back(text_of(reflowed.front()));
    reflowed.erase(reflowed.begin());
    --cursor_row;
  }
  reflowed.resize(static_cast<size_t>(rows), Line(static_cast<size_t>(columns)));
  lines_ = std::move(reflowed);
  columns_ = columns;
  rows_ = rows;
  row_ = std::max(0, cursor_row);
  column_ = cursor_column;
  wrap_pending_ = false;
}

std::string Screen::text_of(const Line& line) {
  std::string text;
  for (const Cell& cell : line) text += cell.glyph;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string Screen::row(int index) const { return text_of(lines_[static_cast<size_t>(index)]); }

std::string Screen::before_cursor() const {
  std::string before;
  for (int i = 0; i < column_; ++i) {
    before += lines_[static_cast<size_t>(row_)][static_cast<size_t>(i)].glyph;
  }
  return before;
}

std::string Screen::text() const {
  std::string text;
  for (const Line& line : lines_) text += text_of(line) + "\n";
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

std::string Screen::all_text() const {
  std::string all;
  for (const std::string& line : scrolled_) all += line + "\n";
  return all + text();
}

std::string Screen::style_of(std::string_view part) const {
  for (const Line& line : lines_) {
    std::string text;
    std::vector<size_t> begins;
    for (const Cell& cell : line) {
      begins.push_back(text.size());
      text += cell.glyph;
    }
    const size_t at = text.find(part);
    if (at == std::string::npos) continue;
    const auto cell = std::find(begins.begin(), begins.end(), at) - begins.begin();
    return line[static_cast<size_t>(cell)].style;
  }
  return "?";
}

std::string Screen::take_answers() { return std::exchange(answers_, ""); }

}  // namespace inkling::testing
