#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace inkling::edit {

// What a piece of the screen is; a Palette says how that looks.
enum class Style : uint8_t {
  plain,   // what is being typed
  sent,    // what was typed, once it is done
  marker,  // before it
  ghost,   // what could follow
  word,    // of the strip
  chosen,  // the one of them that the ghost is
  note,    // numbers, hints and the status
};
constexpr size_t styles = 7;

// One grapheme cluster on the screen, or a part of what it is spelt out as.
struct Cell {
  std::string glyph;
  int width = 1;
  Style style = Style::plain;

  bool operator==(const Cell&) const = default;
};

struct Row {
  std::vector<Cell> cells{};
  // Of rows of the text: the byte offset that each cell belongs to, then where the row ends.
  std::vector<size_t> offsets{};

  int width() const {
    int sum = 0;
    for (const Cell& cell : cells) sum += cell.width;
    return sum;
  }
};

struct Position {
  int row = 0;
  int column = 0;

  bool operator==(const Position&) const = default;
};

// Of a terminal.
struct Size {
  int columns = 80;
  int rows = 24;

  bool operator==(const Size&) const = default;
};

// All that the editor shows: rows from the one with the marker downwards.
struct Frame {
  std::vector<Row> rows{};
  Position cursor{};
};

}  // namespace inkling::edit
