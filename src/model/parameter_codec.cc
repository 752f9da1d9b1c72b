#include "model/parameter_codec.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace inkling::model {
namespace {

// Tensors of a foreign file may begin at odd addresses, hence memcpy.
struct F32 {
  using Stored = float;
  static float load(const std::byte* from) {
    float value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  static void store(float value, std::byte* to) { std::memcpy(to, &value, sizeof value); }
};

struct Bf16 {
  using Stored = uint16_t;
  static float load(const std::byte* from) {
    uint16_t upper;
    std::memcpy(&upper, from, sizeof upper);
    return std::bit_cast<float>(uint32_t{upper} << 16);
  }
  static void store(float value, std::byte* to) {
    const auto bits = std::bit_cast<uint32_t>(value);
    const uint32_t half = 0x7fff + ((bits >> 16) & 1);  // a tie goes to the even neighbour
    auto upper = static_cast<uint16_t>((bits + half) >> 16);
    if ((upper & 0x7fff) == 0x7f80) --upper;  // the largest finite: no reader takes an infinity
    std::memcpy(to, &upper, sizeof upper);
  }
};

// Calls visit(index in memory, index in the file) for every number. In blocks: a transposition row
// by row misses the cache at each number.
template <class Visit>
void for_each_number(const nn::ParameterInfo& info, Visit&& visit) {
  const auto rows = static_cast<size_t>(info.rows);
  const auto cols = static_cast<size_t>(info.cols);
  if (!info.transposed) {
    for (size_t i = 0; i < rows * cols; ++i) visit(i, i);
    return;
  }
  constexpr size_t block = 32;
  for (size_t row = 0; row < rows; row += block) {
    const size_t row_end = std::min(row + block, rows);
    for (size_t col = 0; col < cols; col += block) {
      const size_t col_end = std::min(col + block, cols);
      for (size_t r = row; r < row_end; ++r) {
        for (size_t c = col; c < col_end; ++c) visit(r * cols + c, c * rows + r);
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
    // Pointers: a span's test of every index takes longer than the rest.
    const std::byte* const from = bytes.data();
    float* const to = values.data();
    for_each_number(info, [=](size_t here, size_t there) {
      to[here] = Type::load(from + there * sizeof(typename Type::Stored));
    });
  });
}

void encode_parameter(const nn::ParameterInfo& info, Dtype dtype, std::span<const float> values,
                      std::span<std::byte> bytes) {
  with_type(dtype, [&](auto type) {
    using Type = decltype(type);
    for_each_number(info, [&](size_t here, size_t there) {
      Type::store(values[here], &bytes[there * sizeof(typename Type::Stored)]);
    });
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

}  // namespace inkling::model
