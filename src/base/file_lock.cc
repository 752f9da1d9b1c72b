#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>

#include "base/error.h"

namespace inkling {
namespace {

// " (process 123)", which the holder has written into the file; "" where it says nothing.
std::string holder(Descriptor& file) {
  std::array<char, 20> digits{};
  const ssize_t got = file.read(std::as_writable_bytes(std::span(digits)));
  const std::string_view text(digits.data(), got > 0 ? static_cast<size_t>(got) : 0);
  const size_t end = text.find('\n');
  if (end == text.npos || text.find_first_not_of("0123456789") != end) return "";
  return fmt::format(" (process {})", text.substr(0, end));
}

// False where the file was removed, or replaced, between opening and locking it.
bool is_at(const std::string& path, int file) {
  struct stat locked {
  }, named{};
  return ::fstat(file, &locked) == 0 && ::stat(path.c_str(), &named) == 0 &&
         locked.st_ino == named.st_ino && locked.st_dev == named.st_dev;
}

int lock(int file) {
  int result = 0;
  do {
    result = ::flock(file, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result;
}

}  // namespace

FileLock::FileLock(const std::string& path, const std::string& what) : path_(path) {
  constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  while (true) {
    file_.emplace(open_file(system_calls(), path.c_str(), flags, 0666), system_calls());
    if (!file_->is_open())
      data_error("{}: cannot make this lock file: {}", path, error_text(errno));
    const bool locked = lock(file_->number()) == 0;
    if (!locked && errno == EWOULDBLOCK) data_error("{}{}", what, holder(*file_));
    if (!locked || is_at(path, file_->number())) break;
  }
  const std::string self = fmt::format("{}\n", ::getpid());
  // What it says only serves a sentence: a full disk is no reason to fail here.
  if (::ftruncate(file_->number(), 0) == 0) file_->write_all(std::as_bytes(std::span(self)));
}

FileLock::~FileLock() { ::unlink(path_.c_str()); }

}  // namespace inkling
