#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"

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

// What fstat says to expect: exact for most files, 0 for pipes, devices and /proc, wrong for a file
// that is just growing.
size_t expected_size(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<size_t>(std::max<off_t>(status.st_size, 0));
}

std::string read_all(Descriptor& file, const std::string& name) {
  constexpr size_t piece = size_t{1} << 20;
  std::string bytes;
  try {
    // One byte more than expected, so that the end is seen without growing.
    bytes.resize(std::max(expected_size(file.number()) + 1, piece));
    size_t size = 0;
    while (true) {
      if (size == bytes.size()) bytes.resize(bytes.size() + std::max(bytes.size() / 2, piece));
      const size_t room = std::min(bytes.size() - size, size_t{1} << 30);
      const ssize_t got = file.read(std::as_writable_bytes(std::span(bytes).subspan(size, room)));
      if (got < 0) fail_to_read(name, errno);
      if (got == 0) break;
      size += static_cast<size_t>(got);
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
