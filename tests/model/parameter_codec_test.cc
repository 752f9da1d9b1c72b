#include "model/parameter_codec.h"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <vector>

namespace inkling::model {
namespace {

nn::ParameterInfo weight(int64_t rows, int64_t cols, bool transposed) {
  nn::ParameterInfo info;
  info.rows = rows;
  info.cols = cols;
  info.transposed = transposed;
  return info;
}

TEST_CASE(
    "a weight of rows and columns stands in the file transposed, at sizes around the block's") {
  for (const int64_t rows : {1, 7, 31, 32, 33, 65}) {
    for (const int64_t cols : {1, 9, 32, 64, 67}) {
      const nn::ParameterInfo info = weight(rows, cols, true);
      std::vector<float> values(static_cast<size_t>(info.size()));
      for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
      std::vector<float> stored(values.size());
      encode_parameter(info, Dtype::f32, values, std::as_writable_bytes(std::span(stored)));

      bool right = true;
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t c = 0; c < cols; ++c) {
          right &= stored[static_cast<size_t>(c * rows + r)] == static_cast<float>(r * cols + c);
        }
      }
      CHECK_MESSAGE(right, rows, " by ", cols);
      std::vector<float> again(values.size(), -1.0F);
      decode_parameter(info, Dtype::f32, std::as_bytes(std::span(stored)), again);
      CHECK_MESSAGE(again == values, rows, " by ", cols);
    }
  }
  CHECK(file_shape(weight(3, 5, true)) == std::vector<int64_t>{5, 3});
  CHECK(file_shape(weight(3, 5, false)) == std::vector<int64_t>{3, 5});
}

// So few bits that bfloat16 holds them.
float number_at(int64_t row, int64_t col) { return static_cast<float>((row * 31 + col * 7) % 256); }

TEST_CASE("a transposed weight in bfloat16 is read and written, at sizes around the squares'") {
  for (const int64_t rows : {1, 8, 15, 16, 17, 40}) {
    for (const int64_t cols : {1, 7, 8, 9, 24, 33}) {
      const nn::ParameterInfo info = weight(rows, cols, true);
      std::vector<float> values, across;
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t c = 0; c < cols; ++c) values.push_back(number_at(r, c));
      }
      for (int64_t c = 0; c < cols; ++c) {
        for (int64_t r = 0; r < rows; ++r) across.push_back(number_at(r, c));
      }
      std::vector<std::byte> stored(2 * values.size()), expected(stored.size());
      encode_parameter(info, Dtype::bf16, values, stored);
      encode_parameter(weight(cols, rows, false), Dtype::bf16, across, expected);
      CHECK_MESSAGE(stored == expected, rows, " by ", cols);
      std::vector<float> again(values.size(), -1.0F);
      decode_parameter(info, Dtype::bf16, stored, again);
      CHECK_MESSAGE(again == values, rows, " by ", cols);
    }
  }
}

TEST_CASE("tensors at odd addresses are read") {
  for (const bool transposed : {false, true}) {
    const nn::ParameterInfo info = weight(16, 17, transposed);
    std::vector<float> values;
    for (int64_t i = 0; i < info.size(); ++i) values.push_back(number_at(i, i / 3));
    for (const Dtype dtype : {Dtype::f32, Dtype::bf16}) {
      std::vector<std::byte> bytes(values.size() * size_of(dtype) + 1);
      encode_parameter(info, dtype, values, std::span(bytes).subspan(1));
      std::vector<float> again(values.size());
      decode_parameter(info, dtype, std::span(bytes).subspan(1), again);
      CHECK(again == values);
    }
  }
}

TEST_CASE("all_finite sees one bad number among many") {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    for (size_t at = 0; at < 40; ++at) {
      std::vector<float> values(40, std::numeric_limits<float>::max());
      CHECK(all_finite(values));
      values[at] = bad;
      CHECK(!all_finite(values));
    }
  }
}

}  // namespace
}  // namespace inkling::model
