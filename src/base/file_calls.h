#pragma once

#include <sys/types.h>

#include <cstddef>

namespace inkling {

// The operating system's calls behind file.h, with their meaning and errno. A test derives from it
// to make one of them fail.
class FileCalls {
 public:
  virtual ~FileCalls() = default;
  virtual int open(const char* path, int flags, mode_t mode);
  virtual ssize_t read(int descriptor, void* bytes, size_t size);
  virtual ssize_t write(int descriptor, const void* bytes, size_t size);
  virtual int sync(int descriptor);
  // Drops the file's bytes from memory, where they are on the disk: then reading reads the disk.
  virtual void uncache(int descriptor);
  virtual int close(int descriptor);
  virtual int rename(const char* from, const char* to);
  virtual int unlink(const char* path);
};

// The real ones.
FileCalls& system_calls();

}  // namespace inkling
