#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "model/safetensors_header.h"

namespace inkling::model {

// A tensor to be written.
struct TensorSource {
  TensorEntry entry;  // offsets are set by the writer
  // Its bytes, asked for twice: for the checksum, then for the file. They need to last until any
  // tensor is asked for the next time.
  std::function<std::span<const std::byte>()> bytes;
};

// A whole safetensors file, sealed (seal.h) where its metadata has a checksum, written tensor by
// tensor so that no more than one has to be made in memory. Tensors of the largest numbers go
// first, so that each begins at a multiple of its number's size, else in the order given.
class SafetensorsWriter {
 public:
  // Throws DataError where a limit is passed.
  SafetensorsWriter(std::map<std::string, std::string> metadata, std::vector<TensorSource> tensors);

  void write(const ByteSink& sink) const;

 private:
  std::vector<TensorSource> tensors_;
  std::string head_;  // the header's length and the header, not yet sealed
};

}  // namespace inkling::model
