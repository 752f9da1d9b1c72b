#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/pages.h"

namespace inkling {
namespace {

[[noreturn]] void fail_to_read(const std::string& name, int error) {
  std::string_view advice;
  switch (error) {
    case ENOENT:
      data_error("{}: no such file; check the path", name);
    case EISDIR:
      data_error("{}: is a folder, not a file", name);
    case EACCES:
    case EPERM:
      advice = "; check its permissions and those of its folders";
      break;
    case EIO:
      advice = "; the disk may be failing";
      break;
    case ENFILE:
    case EMFILE:
      advice = "; close other programs or raise the limit on open files";
      break;
    default:
      break;
  }
  data_error("{}: cannot read it: {}{}", name, error_text(error), advice);
}

struct Source {
  size_t expected_size = 0;  // exact for most files, 0 for pipes, devices and /proc, wrong for a
                             // file that is just growing
  bool is_device = false;    // such as /dev/zero, but no terminal
};

Source look_at(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return {};
  if (!S_ISREG(status.st_mode)) return {0, S_ISCHR(status.st_mode) && ::isatty(descriptor) == 0};
  return {static_cast<size_t>(std::max<off_t>(status.st_size, 0)), false};
}

void check_size(size_t size, const Source& source, const std::string& name) {
  if (source.is_device && std::cmp_greater(size, limits::device_bytes)) {
    data_error("{}: it goes on after {} MB; if it has no end, pipe a part of it, as head -c gives",
               name, limits::device_bytes >> 20);
  }
}

std::string read_all(Descriptor& file, const std::string& name) {
  constexpr size_t piece = size_t{1} << 20;
  const Source source = look_at(file.number());
  std::string bytes;
  const auto grow = [&](size_t size) {
    require_memory(static_cast<int64_t>(size), name + ": reading it", "give a shorter text");
    bytes.reserve(size);
    back_by_pages(bytes.data() + bytes.size(), size - bytes.size());
    bytes.resize(size);
  };
  try {
    // One byte more than expected, so that the end is seen without growing.
    grow(std::max(source.expected_size + 1, piece));
    size_t size = 0;
    while (true) {
      if (size == bytes.size()) grow(bytes.size() + std::max(bytes.size() / 2, piece));
      const size_t room = std::min(bytes.size() - size, size_t{1} << 30);
      const ssize_t got = file.read(std::as_writable_bytes(std::span(bytes).subspan(size, room)));
      if (got < 0) fail_to_read(name, errno);
      if (got == 0) break;
      size += static_cast<size_t>(got);
      check_size(size, source, name);
    }
    bytes.resize(size);
    if (bytes.capacity() / 2 > size) bytes.shrink_to_fit();
  } catch (const std::bad_alloc&) {
    data_error("{}: too large for this machine's memory", name);
  } catch (const std::length_error&) {
    data_error("{}: too large for this machine's memory", name);
  }
  return bytes;
}

}  // namespace

std::string read_file(const std::string& path, FileCalls& calls) {
  Descriptor file(open_file(calls, path.c_str(), O_RDONLY | O_CLOEXEC), calls);
  if (!file.is_open()) fail_to_read(path, errno);
  return read_all(file, path);
}

std::string read_standard_input(FileCalls& calls) {
  const int copy = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) fail_to_read("standard input", errno);
  Descriptor input(copy, calls);
  return read_all(input, "standard input");
}

}  // namespace inkling
