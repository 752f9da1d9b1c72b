#pragma once

#include <cstddef>

#include "numbers.h"

// Tiles (AMX-TILE) and their products of bfloat16 (AMX-BF16).
namespace inkling::emulated {

struct Tile {
  static constexpr int most_rows = 16, most_bytes = 64;
  int rows, bytes;
  uint8_t row[most_rows][most_bytes];
};

struct Tiles {
  static constexpr int count = 8;
  bool configured;
  Tile tile[count];
};

// Of this thread.
inline constinit thread_local Tiles tiles{};

inline Tile& tile_at(int i) {
  require(tiles.configured, "a tile, and none is configured");
  require(i >= 0 && i < Tiles::count, "no such tile");
  require(tiles.tile[i].rows > 0 && tiles.tile[i].bytes > 0, "a tile without a shape");
  return tiles.tile[i];
}

// 64 bytes: palette, start row, 14 zeros; bytes of a row, of 16 tiles in 16 bits each; rows, of 16.
inline void _tile_loadconfig(const void* shapes) {
  const auto config = load<Numbers<uint8_t, 64>>(shapes);
  require(config[0] == 1 && config[1] == 0, "the palette of tiles, or their start row");
  for (int i = 2; i < 16; ++i) require(config[i] == 0, "a reserved byte of tiles' shapes");
  tiles = {};
  tiles.configured = true;
  for (int i = 0; i < 16; ++i) {
    const int bytes = config[16 + 2 * i] + 256 * config[17 + 2 * i], rows = config[48 + i];
    require(bytes <= Tile::most_bytes && rows <= Tile::most_rows, "a tile too large");
    require((bytes == 0) == (rows == 0), "a tile with rows or bytes alone");
    require(i < Tiles::count || rows == 0, "more than 8 tiles");
    if (i < Tiles::count) tiles.tile[i].rows = rows, tiles.tile[i].bytes = bytes;
  }
}

inline void _tile_release() { tiles = {}; }

inline void _tile_zero(int to) {
  Tile& tile = tile_at(to);
  __builtin_memset(tile.row, 0, sizeof tile.row);
}

inline void _tile_loadd(int to, const void* base, int64_t stride) {
  _tile_zero(to);
  Tile& tile = tile_at(to);
  for (int row = 0; row < tile.rows; ++row) {
    __builtin_memcpy(tile.row[row], static_cast<const uint8_t*>(base) + row * stride,
                     static_cast<size_t>(tile.bytes));
  }
}

inline void _tile_stored(int from, void* base, int64_t stride) {
  const Tile& tile = tile_at(from);
  for (int row = 0; row < tile.rows; ++row) {
    __builtin_memcpy(static_cast<uint8_t*>(base) + row * stride, tile.row[row],
                     static_cast<size_t>(tile.bytes));
  }
}

// to += a b, in a's rows and b's columns pairs of bfloat16. The upper and the lower factors of the
// pairs have sums of their own, which come together at the end.
inline void _tile_dpbf16ps(int to, int left, int right) {
  using Floats = Numbers<float, Tile::most_bytes / 4>;
  using Pairs = Numbers<uint32_t, Tile::most_bytes / 4>;
  Tile &sums = tile_at(to), &a = tile_at(left), &b = tile_at(right);
  require(to != left && to != right && left != right, "a product of tiles that are the same");
  require(sums.rows == a.rows && sums.bytes == b.bytes && a.bytes == 4 * b.rows,
          "tiles whose shapes do not fit");
  const int depth = b.rows, columns = b.bytes / 4;
  Floats lower[Tile::most_rows], upper[Tile::most_rows];
  for (int k = 0; k < depth; ++k) {
    const auto pairs = load<Pairs>(b.row[k]);
    for (int n = 0; n < columns; ++n) {
      lower[k][n] = lower_bf16(pairs[n]);
      upper[k][n] = upper_bf16(pairs[n]);
    }
  }
  for (int m = 0; m < sums.rows; ++m) {
    const auto pairs = load<Pairs>(a.row[m]);
    Floats low_sums{}, high_sums{};
    for (int k = 0; k < depth; ++k) {
      const float low = lower_bf16(pairs[k]), high = upper_bf16(pairs[k]);
      for (int n = 0; n < columns; ++n) {
        low_sums[n] = multiply_add(low, lower[k][n], low_sums[n]);
        high_sums[n] = multiply_add(high, upper[k][n], high_sums[n]);
      }
    }
    auto y = load<Floats>(sums.row[m]);
    for (int n = 0; n < columns; ++n) {
      const float product = flushed(low_sums[n] + high_sums[n]);
      y[n] = flushed(flushed(y[n]) + product);
    }
    __builtin_memcpy(sums.row[m], &y, static_cast<size_t>(sums.bytes));
  }
}

}  // namespace inkling::emulated
