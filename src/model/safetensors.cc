#include "model/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/pages.h"
#include "model/with_path.h"

namespace inkling::model {
namespace {

static_assert(std::endian::native == std::endian::little, "files are read without swapping bytes");

// A regular file, read from its beginning. Not read_file(): what is no model of ours, however
// large, is to be refused after its first bytes.
class InputFile {
 public:
  explicit InputFile(const std::string& path) : path_(path), file_(open(path), system_calls()) {
    if (!file_.is_open()) fail(errno);
    // Of what was opened: a training run may put another file in its place at any moment.
    struct stat status {};
    if (::fstat(file_.number(), &status) != 0) fail(errno);
    size_ = static_cast<uint64_t>(status.st_size);
  }

  uint64_t size() const { return size_; }

  void read(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t got = file_.read(bytes.first(std::min(bytes.size(), size_t{1} << 30)));
      if (got < 0) fail(errno);
      if (got == 0) data_error("{}: it became shorter while it was read: load it again", path_);
      bytes = bytes.subspan(static_cast<size_t>(got));
    }
  }

 private:
  // Looks before opening: to open a pipe would wait for a writer.
  static int open(const std::string& path) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) data_error("{}: is a folder, not a model", path);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
      data_error("{}: not a regular file, so not a model", path);
    }
    return system_calls().open(path.c_str(), O_RDONLY | O_CLOEXEC, 0);
  }

  [[noreturn]] void fail(int error) const {
    if (error == ENOENT) data_error("{}: no such file; check the path", path_);
    data_error("{}: cannot read it: {}", path_, error_text(error));
  }

  const std::string& path_;
  Descriptor file_;
  uint64_t size_ = 0;
};

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

Safetensors Safetensors::read(const std::string& path,
                              const std::function<void(const SafetensorsHeader&)>& accept) {
  InputFile in(path);
  const uint64_t size = in.size();
  if (size < 8) {
    data_error("{}: too short for a model ({} bytes): is it complete? download or copy it again",
               path, size);
  }
  uint64_t header_size = 0;
  in.read(std::as_writable_bytes(std::span(&header_size, 1)));
  with_path(path, [&] { check_header_size(header_size, size); });
  std::string text(header_size, '\0');
  in.read(std::as_writable_bytes(std::span(text)));

  Safetensors file;
  file.data_begin_ = 8 + header_size;
  with_path(path, [&] {
    file.header_ = parse_header(text, size - file.data_begin_);
    accept(file.header_);
  });
  file.allocate(size, text);
  in.read({file.bytes_.get() + file.data_begin_, size - file.data_begin_});
  return file;
}

void Safetensors::allocate(uint64_t size, std::string_view header) {
  size_ = size;
  bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
  back_by_pages(bytes_.get(), size);
  const uint64_t header_size = header.size();
  std::memcpy(bytes_.get(), &header_size, 8);
  std::memcpy(bytes_.get() + 8, header.data(), header.size());
}

std::span<const std::byte> Safetensors::data(const TensorEntry& entry) const {
  return {bytes_.get() + data_begin_ + entry.begin, entry.end - entry.begin};
}

}  // namespace inkling::model
