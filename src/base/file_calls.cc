#include "base/file_calls.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace inkling {

int FileCalls::open(const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); }
ssize_t FileCalls::read(int descriptor, void* bytes, size_t size) {
  return ::read(descriptor, bytes, size);
}
ssize_t FileCalls::write(int descriptor, const void* bytes, size_t size) {
  return ::write(descriptor, bytes, size);
}
int FileCalls::sync(int descriptor) { return ::fsync(descriptor); }
void FileCalls::uncache(int descriptor) { ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED); }
int FileCalls::close(int descriptor) { return ::close(descriptor); }
int FileCalls::rename(const char* from, const char* to) { return std::rename(from, to); }
int FileCalls::unlink(const char* path) { return ::unlink(path); }

FileCalls& system_calls() {
  static FileCalls calls;
  return calls;
}

}  // namespace inkling
