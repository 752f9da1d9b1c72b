#pragma once

#include <immintrin.h>

#include <cstdint>

// The tile registers as the kernels for AMX set them up. Only for files compiled for AMX, each of
// which has its own copy.
namespace inkling::nn {
namespace {

constexpr int64_t tile_lanes = 16;  // floats in a row of a tile; its rows, at most
constexpr int64_t tile_depth = 32;  // factors that one tile product sums over
constexpr int64_t tile_size = tile_lanes * tile_depth;  // bfloat16 numbers of a tile of factors

struct alignas(64) TileShapes {
  uint8_t palette = 1, start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t bytes[16] = {};  // of a row
  uint8_t rows[16] = {};
};

// Tiles 0 to 3 hold sums, 4 and 5 rows of the left factor, 6 and 7 columns of the right one. rows:
// of the first six.
void shape_tiles(int64_t rows) {
  TileShapes shapes;
  for (int tile = 0; tile < 8; ++tile) {
    shapes.bytes[tile] = 64;
    shapes.rows[tile] = static_cast<uint8_t>(tile < 6 ? rows : tile_lanes);
  }
  _tile_loadconfig(&shapes);
}

// The compiler does not know what tiles read and write.
void before_tiles_read() { asm volatile("" : : : "memory"); }

}  // namespace
}  // namespace inkling::nn
