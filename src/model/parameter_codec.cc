#include "model/parameter_codec.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "model/number_square.h"
#include "nn/kernels/bf16.h"

namespace inkling::model {
namespace {

// Bytes of any alignment, hence memcpy.
struct F32 {
  using Stored = uint32_t;
  static float decode(Stored bits) { return std::bit_cast<float>(bits); }
  static Stored encode(float value) { return std::bit_cast<uint32_t>(value); }
};

struct Bf16 {
  using Stored = uint16_t;
  static float decode(Stored upper) { return std::bit_cast<float>(uint32_t{upper} << 16); }
  static Stored encode(float value) {
    const uint16_t upper = nn::to_bf16(value).bits;
    const bool infinite = (upper & 0x7fff) == 0x7f80;
    return infinite ? upper - 1 : upper;  // the largest finite: no reader takes an infinity
  }
};

template <class Type>
void decode_numbers(const std::byte* from, size_t count, float* to) {
  using Stored = typename Type::Stored;
  for (size_t i = 0; i < count; ++i) {
    Stored stored;
    std::memcpy(&stored, from + i * sizeof stored, sizeof stored);
    to[i] = Type::decode(stored);
  }
}

template <class Type>
void encode_numbers(const float* from, size_t count, std::byte* to) {
  using Stored = typename Type::Stored;
  for (size_t i = 0; i < count; ++i) {
    const Stored stored = Type::encode(from[i]);
    std::memcpy(to + i * sizeof stored, &stored, sizeof stored);
  }
}

// from [rows, cols] of the file -> to [cols, rows]. In strips of as many rows as a cache line holds
// floats, so that one is mostly written at once.
template <class Type>
void decode_transposed(const std::byte* from, size_t rows, size_t cols, float* to) {
  using Stored = typename Type::Stored;
  using Square = NumberSquare<Stored>;
  constexpr size_t side = Square::side, line = 16, size = sizeof(Stored);
  const size_t whole_rows = rows / line * line, whole_cols = cols / side * side;
  Square square;
  std::byte turned[side * size];
  for (size_t strip = 0; strip < whole_rows; strip += line) {
    for (size_t col = 0; col < whole_cols; col += side) {
      for (size_t row = strip; row < strip + line; row += side) {
        square.load(from + (row * cols + col) * size, cols * size);
        square.transpose();
        for (size_t i = 0; i < side; ++i) {
          square.store(i, turned);
          decode_numbers<Type>(turned, side, to + (col + i) * rows + row);
        }
      }
    }
  }
  for (size_t row = 0; row < rows; ++row) {
    for (size_t col = row < whole_rows ? whole_cols : 0; col < cols; ++col)
      decode_numbers<Type>(from + (row * cols + col) * size, 1, to + col * rows + row);
  }
}

// from [rows, cols] -> to [cols, rows] of the file. In blocks: row by row it misses the cache at
// each number.
template <class Type>
void encode_transposed(const float* from, size_t rows, size_t cols, std::byte* to) {
  constexpr size_t block = 32, size = sizeof(typename Type::Stored);
  for (size_t row = 0; row < rows; row += block) {
    const size_t row_end = std::min(row + block, rows);
    for (size_t col = 0; col < cols; col += block) {
      const size_t col_end = std::min(col + block, cols);
      for (size_t c = col; c < col_end; ++c) {
        for (size_t r = row; r < row_end; ++r)
          encode_numbers<Type>(from + r * cols + c, 1, to + (c * rows + r) * size);
      }
    }
  }
}

// Calls work(F32{}) or work(Bf16{}).
template <class Work>
void with_type(Dtype dtype, Work&& work) {
  if (dtype == Dtype::bf16) {
    work(Bf16{});
  } else {
    work(F32{});
  }
}

}  // namespace

std::vector<int64_t> file_shape(const nn::ParameterInfo& info) {
  if (info.is_vector) return {info.cols};
  if (info.transposed) return {info.cols, info.rows};
  return {info.rows, info.cols};
}

void decode_parameter(const nn::ParameterInfo& info, Dtype dtype, std::span<const std::byte> bytes,
                      std::span<float> values) {
  with_type(dtype, [&](auto type) {
    using Type = decltype(type);
    if (!info.transposed) return decode_numbers<Type>(bytes.data(), values.size(), values.data());
    decode_transposed<Type>(bytes.data(), static_cast<size_t>(info.cols),
                            static_cast<size_t>(info.rows), values.data());
  });
}

void encode_parameter(const nn::ParameterInfo& info, Dtype dtype, std::span<const float> values,
                      std::span<std::byte> bytes) {
  with_type(dtype, [&](auto type) {
    using Type = decltype(type);
    if (!info.transposed) return encode_numbers<Type>(values.data(), values.size(), bytes.data());
    encode_transposed<Type>(values.data(), static_cast<size_t>(info.rows),
                            static_cast<size_t>(info.cols), bytes.data());
  });
}

bool all_finite(std::span<const float> values) {
  // By the bits: isfinite() is folded to true where a compiler is told that numbers are finite.
  constexpr uint32_t exponent = 0x7f800000;
  uint32_t infinite = 0;
  for (const float value : values) {
    infinite |= static_cast<uint32_t>((std::bit_cast<uint32_t>(value) & exponent) == exponent);
  }
  return infinite == 0;
}

float as_stored_in_bf16(float value) { return Bf16::decode(Bf16::encode(value)); }

}  // namespace inkling::model
