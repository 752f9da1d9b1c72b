#include "model/safetensors_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/checksum.h"
#include "base/error.h"
#include "base/limits.h"
#include "model/seal.h"

namespace inkling::model {

SafetensorsWriter::SafetensorsWriter(std::map<std::string, std::string> metadata,
                                     std::vector<TensorSource> tensors)
    : tensors_(std::move(tensors)) {
  std::stable_sort(tensors_.begin(), tensors_.end(),
                   [](const TensorSource& a, const TensorSource& b) {
                     return size_of(a.entry.dtype) > size_of(b.entry.dtype);
                   });
  SafetensorsHeader header{std::move(metadata), {}};
  uint64_t end = 0;
  for (TensorSource& source : tensors_) {
    source.entry.begin = end;
    source.entry.end = end += bytes_of(source.entry).value();
    header.tensors.push_back(source.entry);
  }
  const std::string text = header_text(header);
  if (text.size() > limits::header_bytes) {
    data_error("the header would have {} bytes, the limit is {}", text.size(),
               limits::header_bytes);
  }
  // Read back at once: what cannot be read shall not be written.
  parse_header(text, end);
  const uint64_t size = text.size();
  head_.resize(sizeof size);
  std::memcpy(head_.data(), &size, sizeof size);
  head_ += text;
}

void SafetensorsWriter::write(const ByteSink& sink) const {
  std::string head = head_;
  const std::span<char> header = std::span(head).subspan(8);
  Checksum checksum;
  checksum.add(head);
  const auto bytes_of_source = [](const TensorSource& source) {
    const std::span<const std::byte> bytes = source.bytes();
    if (bytes.size() != source.entry.end - source.entry.begin) {
      usage_error("the tensor {} has {} bytes, its shape needs {}", source.entry.name, bytes.size(),
                  source.entry.end - source.entry.begin);
    }
    return bytes;
  };
  for (const TensorSource& source : tensors_) checksum.add(bytes_of_source(source));
  seal(header, checksum.value());
  sink(std::as_bytes(std::span(head)));
  for (const TensorSource& source : tensors_) sink(bytes_of_source(source));
}

}  // namespace inkling::model
