#pragma once

#include <cstddef>
#include <cstring>

namespace inkling::model {

// As many rows of numbers as a vector of 16 bytes holds numbers, which are transposed in registers.
template <class Number>
class NumberSquare {
 public:
  static constexpr size_t side = 16 / sizeof(Number);
  static_assert(side == 8 || side == 4);

  // From rows that begin `stride` bytes apart.
  void load(const std::byte* from, size_t stride) {
    for (size_t i = 0; i < side; ++i) std::memcpy(&rows_[i], from + i * stride, sizeof(Row));
  }
  void store(size_t row, std::byte* to) const { std::memcpy(to, &rows_[row], sizeof(Row)); }

  // Shuffling the upper half of the rows into the lower, number by number, turns the digits of
  // (row, column), as one number, by one place: after log2(side) times they have changed places.
  void transpose() {
    for (size_t turn = 1; turn < side; turn *= 2) {
      Row turned[side];
      for (size_t i = 0; i < side / 2; ++i) {
        turned[2 * i] = low_halves(rows_[i], rows_[i + side / 2]);
        turned[2 * i + 1] = high_halves(rows_[i], rows_[i + side / 2]);
      }
      std::memcpy(rows_, turned, sizeof rows_);
    }
  }

 private:
  using Row [[gnu::vector_size(16)]] = Number;

  static Row low_halves(Row a, Row b) {
    if constexpr (side == 8) return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
    if constexpr (side == 4) return __builtin_shufflevector(a, b, 0, 4, 1, 5);
  }
  static Row high_halves(Row a, Row b) {
    if constexpr (side == 8) return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
    if constexpr (side == 4) return __builtin_shufflevector(a, b, 2, 6, 3, 7);
  }

  Row rows_[side];
};

}  // namespace inkling::model
