#pragma once

#include <algorithm>
#include <cerrno>

#include "base/file_calls.h"

namespace inkling::testing {

// A disk on which one call goes wrong.
struct FaultyCalls : FileCalls {
  enum class Call { none, open, write, sync, close, rename, read } call = Call::none;
  int error = EIO;
  int skip = 0;        // so many calls of that kind succeed first
  int most = 1000000;  // and so many fail
  bool in_small_steps = false;
  bool corrupt = false;   // what is read is not what was written
  int interruptions = 0;  // so many EINTR from each of the calls that repeat
  int open_files = 0;

  bool fails(Call which) {
    if (call != which || skip-- > 0 || most-- <= 0) return false;
    errno = error;
    return true;
  }
  bool interrupted() {
    if (interruptions <= 0) return false;
    --interruptions;
    errno = EINTR;
    return true;
  }
  int open(const char* path, int flags, mode_t mode) override {
    if (fails(Call::open)) return -1;
    const int number = FileCalls::open(path, flags, mode);
    open_files += number >= 0;
    return number;
  }
  ssize_t read(int number, void* bytes, size_t size) override {
    if (interrupted() || fails(Call::read)) return -1;
    const ssize_t got =
        FileCalls::read(number, bytes, in_small_steps ? std::min<size_t>(size, 3) : size);
    if (corrupt && got > 0) *static_cast<char*>(bytes) ^= 1;
    return got;
  }
  ssize_t write(int number, const void* bytes, size_t size) override {
    if (interrupted() || fails(Call::write)) return -1;
    return FileCalls::write(number, bytes, in_small_steps ? std::min<size_t>(size, 3) : size);
  }
  int sync(int number) override {
    if (interrupted() || fails(Call::sync)) return -1;
    return FileCalls::sync(number);
  }
  int close(int number) override {
    --open_files;
    const int result = FileCalls::close(number);
    return fails(Call::close) ? -1 : result;
  }
  int rename(const char* from, const char* to) override {
    return fails(Call::rename) ? -1 : FileCalls::rename(from, to);
  }
};

}  // namespace inkling::testing
