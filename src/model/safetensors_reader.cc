#include "model/safetensors_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "model/seal.h"

namespace inkling::model {
namespace {

static_assert(std::endian::native == std::endian::little, "files are read without swapping bytes");

// Read at once: so much is still in the second cache when the checksum is taken of it.
constexpr size_t piece = size_t{256} << 10;

[[noreturn]] void fail(int error) {
  if (error == ENOENT) data_error("no such file; check the path");
  data_error("cannot read it: {}", error_text(error));
}

// Looks before opening: to open a pipe would wait for a writer. Not read_file(): what is no model
// of ours, however large, is to be refused after its first bytes.
int open_regular_file(const std::string& path, FileCalls& calls) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status)) data_error("is a folder, not a model");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    data_error("not a regular file, so not a model");
  }
  const int number = open_file(calls, path.c_str(), O_RDONLY | O_CLOEXEC);
  if (number < 0) fail(errno);
  return number;
}

// Of what was opened: a training run may put another file in its place at any moment.
uint64_t size_of_open(const Descriptor& file) {
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) fail(errno);
  return static_cast<uint64_t>(status.st_size);
}

// The length of the header, judged by itself and by the file's size.
void check_header_size(uint64_t size, uint64_t file_size) {
  if (size < 2 || size > limits::header_bytes) {
    data_error("not a model: it does not begin like a safetensors file (a header of {} bytes)",
               size);
  }
  if (size > file_size - 8) {
    data_error(
        "truncated: its header alone has {} bytes, the file has {}: download or copy it again",
        size, file_size);
  }
}

}  // namespace

SafetensorsReader::SafetensorsReader(const std::string& path, FileCalls& calls)
    : file_(open_regular_file(path, calls), calls) {
  const uint64_t size = size_of_open(file_);
  if (size < 8) {
    data_error("too short for a model ({} bytes): is it complete? download or copy it again", size);
  }
  uint64_t header_size = 0;
  const auto first_bytes = std::as_writable_bytes(std::span(&header_size, 1));
  fill(first_bytes);
  check_header_size(header_size, size);
  std::string text(header_size, '\0');
  fill(std::as_writable_bytes(std::span(text)));
  left_ = size - 8 - header_size;
  header_ = parse_header(text, left_);
  digits_ = take_seal(text);
  checksum_.add(first_bytes).add(text);
}

void SafetensorsReader::fill(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = file_.read(bytes);
    if (got <= 0) failed_ = true;
    if (got < 0) fail(errno);
    if (got == 0) data_error("it became shorter while it was read: load it again");
    bytes = bytes.subspan(static_cast<size_t>(got));
  }
}

void SafetensorsReader::read(std::span<std::byte> bytes) {
  left_ -= bytes.size();
  while (!bytes.empty()) {
    const auto next = bytes.first(std::min(bytes.size(), piece));
    fill(next);
    checksum_.add(next);
    bytes = bytes.subspan(next.size());
  }
}

void SafetensorsReader::skip(uint64_t count) {
  std::vector<std::byte> unused(std::min<uint64_t>(count, piece));
  while (count > 0) {
    const auto next = std::span(unused).first(std::min<uint64_t>(count, unused.size()));
    read(next);
    count -= next.size();
  }
}

bool SafetensorsReader::seal_holds() {
  skip(left_);
  return digits_ == seal_of(checksum_.value());
}

}  // namespace inkling::model
