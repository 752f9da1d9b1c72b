#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/file_calls.h"

namespace inkling::testing {

// Writes to a real folder, all of whose files it sees made, and remembers every call that changes
// something: so that every state can be made in which a power cut may leave a disk.
class CrashDisk : public FileCalls {
 public:
  using Files = std::map<std::string, std::string>;  // names and contents

  int open(const char* path, int flags, mode_t mode) override;
  ssize_t write(int descriptor, const void* bytes, size_t size) override;
  int sync(int descriptor) override;
  void uncache(int) override {}
  int close(int descriptor) override;
  int rename(const char* from, const char* to) override;
  int unlink(const char* path) override;

  size_t calls() const { return log_.size(); }

  // Calls `visit` with what may be found after a power cut behind the first `calls` calls, each
  // state once: names change in the order of the calls, but any of those since the folder was last
  // synced may be lost; of a file's bytes that were not synced all may be there, none, half, or
  // zeros or rubbish in their place.
  void for_each_crash(size_t calls, const std::function<void(const Files&)>& visit) const;

 private:
  struct Call {
    enum class Kind { create, write, sync, sync_folder, rename, unlink } kind{};
    int file = -1;
    std::string name = {}, to = {};
    std::string bytes = {};
  };
  struct Disk;

  std::vector<Call> log_;
  std::map<int, int> open_;           // descriptor to file; folder_ = the folder
  std::map<std::string, int> names_;  // as they are now
  int files_ = 0;
  static constexpr int folder_ = -1;
};

}  // namespace inkling::testing
