#pragma once

#include <optional>
#include <string>

#include "base/descriptor.h"

namespace inkling {

// Keeps other processes away from what they must not write at the same time: a file of its own,
// locked (flock) while this lives and removed in the end. The system lets go of the lock of a
// process that dies; what it leaves is taken over.
class FileLock {
 public:
  // Throws DataError where another process has it (`what` begins the sentence: what it is that two
  // must not do), or the file cannot be made. On a file system without locks nobody is kept away.
  FileLock(const std::string& path, const std::string& what);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::string path_;
  std::optional<Descriptor> file_;
};

}  // namespace inkling
