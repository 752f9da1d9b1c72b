#include "base/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace inkling {

ssize_t Descriptor::read(std::span<std::byte> bytes) {
  ssize_t got = 0;
  do {
    got = calls_.read(number_, bytes.data(), bytes.size());
  } while (got < 0 && errno == EINTR);
  return got;
}

bool Descriptor::write_all(std::span<const std::byte> bytes) {
  // Linux writes at most 2 GiB at once, other systems refuse more.
  constexpr size_t most = size_t{1} << 30;
  while (!bytes.empty()) {
    const ssize_t put = calls_.write(number_, bytes.data(), std::min(bytes.size(), most));
    if (put > 0) {
      bytes = bytes.subspan(static_cast<size_t>(put));
    } else if (put == 0) {
      errno = EIO;
      return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool Descriptor::sync() {
  int result = 0;
  do {
    result = calls_.sync(number_);
  } while (result < 0 && errno == EINTR);
  return result == 0;
}

bool Descriptor::close() {
  if (!is_open()) return true;
  // An interrupted close has closed the descriptor on Linux: a second one could hit another file.
  return calls_.close(std::exchange(number_, -1)) == 0 || errno == EINTR;
}

int open_file(FileCalls& calls, const char* path, int flags, mode_t mode) {
  int number = -1;
  do {
    number = calls.open(path, flags, mode);
  } while (number < 0 && errno == EINTR);
  return number;
}

std::string error_text(int error) { return std::generic_category().message(error); }

}  // namespace inkling
