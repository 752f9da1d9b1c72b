#include "edit/painter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "text/caret.h"
#include "text/display_width.h"
#include "text/utf8.h"

namespace inkling::edit {
namespace {

constexpr std::string_view reset = "\033[0m";
constexpr std::string_view erase_to_row_end = "\033[K";
constexpr std::string_view erase_below = "\033[J";

std::string go_to_column(int column) {
  return column == 0 ? "\r" : fmt::format("\033[{}G", column + 1);
}

// Terminals put a sign without width on the cell before it, so what is that, or begins with one, is
// written and overwritten together with that cell.
bool stands_on_another(const std::vector<Cell>& cells, size_t i) {
  if (i >= cells.size()) return false;
  const std::string& glyph = cells[i].glyph;
  if (text::is_ascii(glyph.front())) return false;
  size_t end = 0;
  text::next_code_point(glyph, end);
  return text::cluster_width(std::string_view(glyph).substr(0, end)) == 0;
}

// The cells that two rows have in common at their begin, and at their end where they are equally
// wide.
struct Difference {
  size_t begin = 0;  // the first cell to write
  size_t old_end = 0, new_end = 0;
};

Difference difference(const std::vector<Cell>& before, const std::vector<Cell>& after,
                      bool equally_wide) {
  Difference d{0, before.size(), after.size()};
  while (d.begin < std::min(d.old_end, d.new_end) && before[d.begin] == after[d.begin]) ++d.begin;
  if (d.begin == std::max(d.old_end, d.new_end)) return d;
  while (d.begin > 0 && (stands_on_another(before, d.begin) || stands_on_another(after, d.begin)))
    --d.begin;
  if (!equally_wide) return d;
  while (std::min(d.old_end, d.new_end) > d.begin &&
         before[d.old_end - 1] == after[d.new_end - 1]) {
    --d.old_end, --d.new_end;
  }
  while (stands_on_another(after, d.new_end)) ++d.old_end, ++d.new_end;
  return d;
}

// Whether a terminal that knows clusters would draw them as one, though they are two here: the
// marker's blank, say, and a mark with which the text begins.
bool would_join(const Cell& before, const Cell& cell) {
  if (text::is_ascii(cell.glyph.front())) return false;
  const std::string both = before.glyph + cell.glyph;
  return text::cluster_boundary(both, before.glyph.size()) != before.glyph.size();
}

}  // namespace

std::string Painter::move_to(Position to) {
  if (to == cursor_) return "";
  std::string out;
  if (to.row < cursor_.row) out += fmt::format("\033[{}A", cursor_.row - to.row);
  if (to.row > cursor_.row) out += fmt::format("\033[{}B", to.row - cursor_.row);
  if (to.column != cursor_.column) out += go_to_column(to.column);
  cursor_ = to;
  return out;
}

std::string Painter::paint_row(int index, const Row& next) {
  const std::vector<Cell>& before = shown_.rows[static_cast<size_t>(index)].cells;
  const int old_width = shown_.rows[static_cast<size_t>(index)].width();
  const int new_width = next.width();
  const Difference d = difference(before, next.cells, old_width == new_width);
  if (d.begin == d.new_end && d.begin == d.old_end) return "";

  int column = 0;
  for (size_t i = 0; i < d.begin; ++i) column += next.cells[i].width;
  std::string out = move_to({index, column});
  // A sign without width that begins a row would be joined by what comes next.
  if (out.empty() && stands_on_another(before, d.begin)) out = go_to_column(column);
  Style style = Style::plain;
  for (size_t i = d.begin; i < d.new_end; ++i) {
    const Cell& cell = next.cells[i];
    if (cell.style != style) {
      if (!palette_[static_cast<size_t>(style)].empty()) out += reset;
      out += palette_[static_cast<size_t>(cell.style)];
      style = cell.style;
    }
    if (i > 0 && would_join(next.cells[i - 1], cell)) out += go_to_column(column);
    out += cell.glyph;
    column += cell.width;
    // Should the terminal think otherwise of this cluster's width, the next ones still stand right.
    if (text::count_code_points(cell.glyph) > 1) out += go_to_column(column);
  }
  if (!palette_[static_cast<size_t>(style)].empty()) out += reset;
  cursor_ = {index, column};
  if (new_width < old_width) out += erase_to_row_end;
  return out;
}

std::string Painter::paint(Frame next) {
  std::string out;
  if (!painted()) {
    shown_.rows.emplace_back();
    cursor_ = {};
  }
  const int rows = static_cast<int>(next.rows.size());
  if (rows < static_cast<int>(shown_.rows.size())) {
    out += move_to({rows, 0});
    out += erase_below;
    shown_.rows.resize(next.rows.size());
  }
  for (int i = 0; i < rows; ++i) {
    if (i == static_cast<int>(shown_.rows.size())) {
      out += move_to({i - 1, cursor_.column});
      out += "\r\n";
      cursor_ = {i, 0};
      shown_.rows.emplace_back();
    }
    out += paint_row(i, next.rows[static_cast<size_t>(i)]);
    shown_.rows[static_cast<size_t>(i)] = std::move(next.rows[static_cast<size_t>(i)]);
  }
  return out + move_to(next.cursor);
}

std::string Painter::leave() {
  if (!painted()) return "";
  std::string out = move_to({static_cast<int>(shown_.rows.size()) - 1, cursor_.column}) + "\r\n";
  forget();
  return out;
}

void Painter::forget() { shown_ = {}; }

std::string Painter::erase() {
  if (!painted()) return "";
  std::string out = move_to({0, 0}) + std::string(erase_below);
  forget();
  return out;
}

std::string Painter::erase_resized(int columns, bool reflows) {
  if (!painted()) return "";
  const auto rows_of = [&](int width) { return std::max(1, (width + columns - 1) / columns); };
  int up = 0;
  for (int i = 0; i < cursor_.row; ++i) {
    up += reflows ? rows_of(shown_.rows[static_cast<size_t>(i)].width()) : 1;
  }
  if (reflows) up += cursor_.column / columns;
  forget();
  return (up > 0 ? fmt::format("\033[{}A", up) : "") + "\r" + std::string(erase_below);
}

std::string Painter::lend_row() {
  if (!painted()) return "";
  shown_.rows[static_cast<size_t>(cursor_.row)] = {};
  cursor_.column = 0;
  return "\r" + std::string(erase_to_row_end);
}

}  // namespace inkling::edit
