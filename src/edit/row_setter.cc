#include "edit/row_setter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "text/segmenter.h"
#include "text/visible.h"
#include "text/words.h"

namespace inkling::edit {
namespace {

constexpr int tab_stop = 8;

}  // namespace

std::string spelt_out(std::string_view text) {
  std::string shown = text::visible(text);
  for (size_t at = 0; (at = shown.find('\n', at)) != std::string::npos;)
    shown.replace(at, 1, "\\n");
  return shown;
}

RowSetter::RowSetter(int columns, const text::WidthProfile& profile, std::string_view text,
                     size_t begin)
    : columns_(columns), profile_(profile), text_(text), begin_(begin) {}

void RowSetter::put(std::string_view cluster, Style style, size_t at) {
  at_ = at;
  if (cluster == "\t") {
    if (columns_left() == 0) wrap(1);
    const int blanks = std::min(tab_stop - column_ % tab_stop, columns_left());
    for (int i = 0; i < blanks; ++i) put_cell(" ", 1, style);
    return;
  }
  const std::string shown = spelt_out(cluster);
  text::for_each_character(shown, text::Unit::grapheme, [&](std::string_view c) {
    put_cell(c, static_cast<int>(text::cluster_width(c, profile_)), style);
  });
}

void RowSetter::put_all(std::string_view clusters, Style style, size_t at) {
  text::for_each_character(clusters, text::Unit::grapheme,
                           [&](std::string_view cluster) { put(cluster, style, at); });
}

void RowSetter::pin() {
  pinned_row_ = rows_.size() - 1;
  pinned_cells_ = rows_.back().cells.size();
}

// The last cell of a row that wraps is as far right as a cursor can be in it.
void RowSetter::new_row() {
  std::vector<size_t>& offsets = rows_.back().offsets;
  offsets.push_back(offsets.empty() ? at_ : offsets.back());
  rows_.emplace_back();
  column_ = 0;
  has_hanging_ = false;
}

Position RowSetter::here() {
  if (columns_left() < 1) new_row();
  return {static_cast<int>(rows_.size()) - 1, column_};
}

std::optional<Position> RowSetter::position_of(size_t at) const {
  for (size_t r = pinned_row_; r < rows_.size(); ++r) {
    const Row& row = rows_[r];
    int column = 0;
    for (size_t i = 0; i < row.cells.size(); column += row.cells[i++].width) {
      const bool pinned = r == pinned_row_ && i < pinned_cells_;
      if (!pinned && row.offsets[i] >= at) return Position{static_cast<int>(r), column};
    }
  }
  return std::nullopt;
}

std::vector<Row> RowSetter::finish(size_t end) {
  rows_.back().offsets.push_back(end);
  return std::move(rows_);
}

void RowSetter::put_cell(std::string_view glyph, int width, Style style) {
  width = std::min(width, columns_);
  if (glyph == " " && columns_left() == 0 && !has_hanging_) {
    has_hanging_ = true;
    return;
  }
  if (width > columns_left()) wrap(width);
  Row& row = rows_.back();
  // A lone mark stands on what is before it, or else on a blank.
  if (width == 0 && !row.cells.empty()) {
    row.cells.back().glyph += glyph;
    return;
  }
  row.cells.push_back({(width == 0 ? " " : "") + std::string(glyph), std::max(width, 1), style});
  row.offsets.push_back(at_);
  column_ += row.cells.back().width;
}

// Begins a row for a cell of that width, with the cells before it that belong to the same word.
void RowSetter::wrap(int width) {
  Row& row = rows_.back();
  const size_t first = pinned_row_ == rows_.size() - 1 ? pinned_cells_ : 0;
  const auto offset = [&](size_t i) { return i < row.cells.size() ? row.offsets[i] : at_; };
  size_t begin = row.cells.size();
  int moved = 0;
  while (begin > first && !has_hanging_ &&
         (offset(begin) == offset(begin - 1) || !may_break_before(offset(begin)))) {
    moved += row.cells[--begin].width;
  }
  if (begin == first || moved + width > columns_) begin = row.cells.size(), moved = 0;

  const auto cells = row.cells.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto offsets = row.offsets.begin() + static_cast<std::ptrdiff_t>(begin);
  Row next{.cells{std::make_move_iterator(cells), std::make_move_iterator(row.cells.end())},
           .offsets{offsets, row.offsets.end()}};
  row.cells.erase(cells, row.cells.end());
  row.offsets.erase(offsets, row.offsets.end());
  new_row();
  rows_.back() = std::move(next);
  column_ = moved;
}

bool RowSetter::may_break_before(size_t at) {
  if (!breaks_) {
    thread_local text::WordBreaker breaker;
    breaks_.emplace();
    for (const text::Segment& segment : breaker.unbroken(text_))
      breaks_->push_back(begin_ + static_cast<size_t>(segment.begin));
  }
  return std::binary_search(breaks_->begin(), breaks_->end(), at);
}

}  // namespace inkling::edit
