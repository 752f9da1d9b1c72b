#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inkling::model {

enum class Dtype { f32, bf16, u64, i64, u8 };
constexpr std::array<std::string_view, 5> dtype_names{"F32", "BF16", "U64", "I64", "U8"};
constexpr std::span<const std::string_view> names_of(Dtype) { return dtype_names; }
constexpr uint64_t size_of(Dtype dtype) {
  return std::array<uint64_t, 5>{4, 2, 8, 8, 1}[static_cast<size_t>(dtype)];
}

// A tensor as the header declares it: little-endian, C order, bytes [begin, end) of the data.
struct TensorEntry {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<int64_t> shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// "[4,12]"
std::string shape_text(const std::vector<int64_t>& shape);

// What the header says.
struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<TensorEntry> tensors;  // in the order of the data

  const TensorEntry* find(std::string_view name) const;  // nullptr: none
};

// Bytes of a tensor by its type and shape; nullopt where 64 bits do not hold them.
std::optional<uint64_t> bytes_of(const TensorEntry& entry);

// The header's JSON, tensors in the order given, padded with spaces to a multiple of 8 bytes.
std::string header_text(const SafetensorsHeader& header);

// Reads a header strictly: each tensor's type, shape and offsets agree, and together the tensors
// fill `data_size` bytes without hole or overlap. Throws DataError, without the path.
SafetensorsHeader parse_header(std::string_view text, uint64_t data_size);

}  // namespace inkling::model
