#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edit/frame.h"
#include "text/display_width.h"

namespace inkling::edit {

// Sets clusters into the rows of a screen, one after another. A word that the margin would cut
// begins the next row, where Unicode allows the break (Standard Annex 14); a longer one is cut. One
// blank behind a full row hangs over the margin, unseen.
class RowSetter {
 public:
  // text: what is put, but for the marker and the like; it begins at byte `begin` of all of it.
  // Both must outlive it.
  RowSetter(int columns, const text::WidthProfile& profile, std::string_view text = {},
            size_t begin = 0);

  // One cluster, which belongs to byte `at`. What could steer a terminal is spelt out.
  void put(std::string_view cluster, Style style, size_t at);
  void put_all(std::string_view clusters, Style style, size_t at);
  // What stands in the row by now stays in it.
  void pin();
  void new_row();

  // Where the next cluster will stand. A full row has no place for a cursor: that is in the next.
  Position here();
  // Of the first cluster behind the last pin that belongs to byte `at`, or else of the one behind.
  std::optional<Position> position_of(size_t at) const;
  int columns_left() const { return columns_ - column_; }

  // All rows; the text ends at byte `end`.
  std::vector<Row> finish(size_t end);

 private:
  void put_cell(std::string_view glyph, int width, Style style);
  void wrap(int width);
  bool may_break_before(size_t at);

  int columns_;
  const text::WidthProfile& profile_;
  std::string_view text_;
  size_t begin_;
  std::optional<std::vector<size_t>> breaks_{};  // rising; looked for once a row is full
  std::vector<Row> rows_{1};
  size_t pinned_row_ = 0, pinned_cells_ = 0;  // so many in that row
  int column_ = 0;
  bool has_hanging_ = false;  // the last row
  size_t at_ = 0;
};

// As text::visible(), but on one line.
std::string spelt_out(std::string_view text);

}  // namespace inkling::edit
