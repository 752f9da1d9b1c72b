#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/safetensors_header.h"

namespace inkling::model {

// A whole safetensors file in memory: u64 length of the header, header, data.
class Safetensors {
 public:
  // Reads a file. `accept` may refuse it by its header, with a DataError, before memory is taken
  // for the data. Throws DataError with the path.
  static Safetensors read(const std::string& path,
                          const std::function<void(const SafetensorsHeader&)>& accept);

  const SafetensorsHeader& header() const { return header_; }
  std::span<const std::byte> data(const TensorEntry& entry) const;
  std::span<std::byte> header_bytes() { return {bytes_.get() + 8, data_begin_ - 8}; }
  std::span<const std::byte> bytes() const { return {bytes_.get(), size_}; }

 private:
  Safetensors() = default;
  void allocate(uint64_t size, std::string_view header);

  SafetensorsHeader header_;
  uint64_t data_begin_ = 0;
  uint64_t size_ = 0;
  std::unique_ptr<std::byte[]> bytes_;
};

}  // namespace inkling::model
