#include "edit/screen_layout.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "edit/row_setter.h"
#include "text/caret.h"
#include "text/segmenter.h"
#include "text/visible.h"

namespace inkling::edit {
namespace {

constexpr int least_columns = 4;
constexpr int rows_for_strips = 4;       // of a lower screen all rows are the text's
constexpr size_t longest_block = 16384;  // bytes: longer lines are set in blocks of so many

// A stretch of the text that begins a row of its own: a line, or a part of a very long one. `end`
// is behind its line feed.
struct Block {
  size_t begin = 0;
  size_t end = 0;
};

Block block_at(std::string_view text, size_t at) {
  const size_t feed = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const size_t line = feed == std::string_view::npos ? 0 : feed + 1;
  const size_t next_feed = text.find('\n', at);
  const size_t line_end = next_feed == std::string_view::npos ? text.size() : next_feed + 1;
  const auto boundary = [&](size_t number) {
    return text::cluster_boundary(text, std::min(line + number * longest_block, line_end));
  };
  size_t number = (at - line) / longest_block;
  if (boundary(number + 1) <= at && boundary(number + 1) < line_end) ++number;
  return {number == 0 ? line : boundary(number), std::min(boundary(number + 1), line_end)};
}

// As many words of the ghost as fit, but at least one.
std::string_view fitting(std::string_view ghost, int columns, const text::WidthProfile& profile) {
  size_t end = 0;
  while (end < ghost.size()) {
    const size_t next = text::next_word_end(ghost, end);
    if (text::display_width(text::visible(ghost.substr(0, next)), profile) > columns) break;
    end = next;
  }
  return ghost.substr(0, end > 0 ? end : text::next_word_end(ghost, 0));
}

class TextSetter {
 public:
  TextSetter(const View& view, int columns, const text::WidthProfile& profile)
      : view_(view),
        columns_(columns),
        profile_(profile),
        indent_(static_cast<size_t>(text::display_width(view.marker, profile)), ' ') {}

  // The rows of a block, and where the cursor is in there, if it is.
  std::vector<Row> set(Block block, Position* cursor = nullptr) const {
    const bool has_feed = block.end > block.begin && view_.text[block.end - 1] == '\n';
    const size_t end = block.end - (has_feed ? 1 : 0);
    const std::string_view text = view_.text.substr(block.begin, end - block.begin);
    RowSetter rows(columns_, profile_, text, block.begin);
    const bool begins_line = block.begin == 0 || view_.text[block.begin - 1] == '\n';
    if (begins_line)
      rows.put_all(block.begin == 0 ? view_.marker : indent_, Style::marker, block.begin);
    rows.pin();
    size_t at = block.begin;
    text::for_each_character(text, text::Unit::grapheme, [&](std::string_view cluster) {
      rows.put(cluster, view_.text_style, at);
      at += cluster.size();
    });
    if (cursor) {
      const std::optional<Position> before = rows.position_of(view_.cursor);
      *cursor = before ? *before : rows.here();
    }
    if (end == view_.text.size() && !has_feed && !view_.ghost.empty()) put_ghost(rows);
    return rows.finish(end);
  }

 private:
  // What stands before it stays where it is, also where a word then ends in the next row.
  void put_ghost(RowSetter& rows) const {
    const size_t end = view_.text.size();
    std::string_view ghost = fitting(view_.ghost, rows.columns_left(), profile_);
    rows.pin();
    // Behind a full row its blank hangs.
    if (ghost.starts_with(' ') && rows.columns_left() == columns_) ghost.remove_prefix(1);
    const bool begins_word = ghost.starts_with(' ') || view_.text.ends_with(' ');
    const bool fits = text::display_width(text::visible(ghost), profile_) <= rows.columns_left();
    if (begins_word && !fits && rows.columns_left() < columns_) {
      if (ghost.starts_with(' ')) rows.put(" ", Style::ghost, end), ghost.remove_prefix(1);
      rows.new_row();
    }
    rows.put_all(ghost, Style::ghost, end);
  }

  const View& view_;
  int columns_;
  const text::WidthProfile& profile_;
  std::string indent_;
};

// Whether a block, perhaps an empty one, begins at the text's end.
bool another_block(std::string_view text, Block block) {
  return block.end < text.size() || (block.end > block.begin && text[block.end - 1] == '\n');
}

void set_text(const View& view, int columns, int most_rows, const text::WidthProfile& profile,
              Frame& frame) {
  const TextSetter setter(view, columns, profile);
  Position cursor;
  const Block block = block_at(view.text, view.cursor);
  std::vector<Row> rows = setter.set(block, &cursor);

  Block above = block, below = block;
  while (above.begin > 0 && cursor.row < most_rows) {
    above = block_at(view.text, above.begin - 1);
    std::vector<Row> more = setter.set(above);
    cursor.row += static_cast<int>(more.size());
    rows.insert(rows.begin(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  }
  while (another_block(view.text, below) &&
         static_cast<int>(rows.size()) - cursor.row <= most_rows) {
    below = below.end < view.text.size() ? block_at(view.text, below.end)
                                         : Block{view.text.size(), view.text.size()};
    std::vector<Row> more = setter.set(below);
    std::move(more.begin(), more.end(), std::back_inserter(rows));
  }

  // Of too many rows, those around the cursor.
  const int count = static_cast<int>(rows.size());
  const int first = std::clamp(cursor.row - most_rows / 2, 0, std::max(0, count - most_rows));
  const int last = std::min(count, first + most_rows);
  frame.rows.assign(std::make_move_iterator(rows.begin() + first),
                    std::make_move_iterator(rows.begin() + last));
  frame.cursor = {cursor.row - first, cursor.column};
}

Row one_row(RowSetter& setter) { return {.cells = std::move(setter.finish(0).front().cells)}; }

int item_width(const View::Item& item, const text::WidthProfile& profile) {
  const auto width = [&](const std::string& text) {
    return static_cast<int>(text::display_width(spelt_out(text), profile));
  };
  return width(item.label) + (item.note.empty() ? 0 : 1 + width(item.note));
}

// Of the cells of a row that is too long, those that fit.
void cut(Row& row, int columns) {
  int width = 0;
  size_t kept = 0;
  while (kept < row.cells.size() && width + row.cells[kept].width <= columns) {
    width += row.cells[kept++].width;
  }
  row.cells.resize(kept);
}

Row set_strip(const std::vector<View::Item>& items, int columns,
              const text::WidthProfile& profile) {
  constexpr int gap = 2;
  // Begins so far to the right that the chosen one is still in the row.
  size_t first = 0, chosen = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].chosen) chosen = i;
  }
  const auto width_from = [&](size_t begin) {
    int width = 0;
    for (size_t i = begin; i <= chosen; ++i) width += gap + item_width(items[i], profile);
    return width;
  };
  while (first < chosen && width_from(first) > columns) ++first;

  RowSetter setter(1 << 20, profile);
  int width = 0;
  for (size_t i = first; i < items.size(); ++i) {
    width += gap + item_width(items[i], profile);
    if (width > columns && i > first) break;
    setter.put_all(std::string(gap, ' '), Style::note, 0);
    setter.put_all(items[i].label, items[i].chosen ? Style::chosen : Style::word, 0);
    if (!items[i].note.empty()) {
      setter.put_all(" " + items[i].note, Style::note, 0);
    }
  }
  Row row = one_row(setter);
  cut(row, columns);
  return row;
}

Row set_note(std::string_view note, int columns, const text::WidthProfile& profile) {
  constexpr std::string_view cut_mark = "...";
  RowSetter setter(1 << 20, profile);
  setter.put_all("  ", Style::note, 0);
  setter.put_all(note, Style::note, 0);
  Row row = one_row(setter);
  if (row.width() <= columns) return row;
  cut(row, std::max(0, columns - static_cast<int>(cut_mark.size())));
  for (const char point : cut_mark) row.cells.push_back({std::string(1, point), 1, Style::note});
  return row;
}

}  // namespace

Frame lay_out(const View& view, Size size, const text::WidthProfile& profile) {
  const int columns = std::max(size.columns, least_columns);
  const bool strips = size.rows >= rows_for_strips;
  const int below = strips ? (view.strip.empty() ? 0 : 1) + (view.note.empty() ? 0 : 1) : 0;
  Frame frame;
  set_text(view, columns, std::max(1, size.rows - below), profile, frame);
  // The last column stays free under the text: no terminal then wraps.
  if (strips && !view.strip.empty())
    frame.rows.push_back(set_strip(view.strip, columns - 1, profile));
  if (strips && !view.note.empty()) frame.rows.push_back(set_note(view.note, columns - 1, profile));
  return frame;
}

size_t offset_in_row(const Frame& frame, int rows, int column) {
  const int wanted = frame.cursor.row + rows;
  if (wanted < 0 || wanted >= static_cast<int>(frame.rows.size())) return std::string::npos;
  const Row& row = frame.rows[static_cast<size_t>(wanted)];
  if (row.offsets.empty()) return std::string::npos;
  int at = 0;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    at += row.cells[i].width;
    // A marker stands for the begin of its line, a ghost for the text's end.
    if (at > column) return row.offsets[i];
  }
  return row.offsets.back();
}

}  // namespace inkling::edit
