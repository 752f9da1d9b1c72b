#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/checksum.h"
#include "base/descriptor.h"
#include "model/safetensors_header.h"

namespace inkling::model {

// A safetensors file (u64 length of the header, header, data) read from its beginning to its end,
// of which no more is in memory than what it is asked for. Throws DataError without the path.
class SafetensorsReader {
 public:
  // Opens it and reads the header.
  explicit SafetensorsReader(const std::string& path, FileCalls& calls = system_calls());

  const SafetensorsHeader& header() const { return header_; }
  // The next bytes of the data, no more than are left: the tensors lie in the header's order,
  // without holes. Nothing is to be read any more once that has failed.
  void read(std::span<std::byte> bytes);
  void skip(uint64_t count);
  // Whether the checksum inside the file (seal.h) is that of its contents; reads what is left.
  bool seal_holds();
  // Whether reading has failed, so that nothing is known of the contents.
  bool failed() const { return failed_; }

 private:
  void fill(std::span<std::byte> bytes);  // from the file

  Descriptor file_;
  SafetensorsHeader header_;
  Checksum checksum_;  // of what was read so far, the seal's digits taken as zeros
  std::string digits_;
  uint64_t left_ = 0;  // bytes of the data
  bool failed_ = false;
};

}  // namespace inkling::model
