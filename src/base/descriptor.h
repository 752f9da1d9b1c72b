#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/file_calls.h"

namespace inkling {

// An open file that closes itself. Each call is repeated when a signal interrupts it.
class Descriptor {
 public:
  // Takes the number of an open file, or -1 for none.
  Descriptor(int number, FileCalls& calls) : number_(number), calls_(calls) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }
  // At most bytes.size() bytes; 0 at the end, -1 with errno set on failure.
  ssize_t read(std::span<std::byte> bytes);
  // These are false, with errno set, on failure.
  bool write_all(std::span<const std::byte> bytes);
  bool sync();
  bool close();

 private:
  int number_;
  FileCalls& calls_;
};

// The number of a newly opened file, -1 with errno set on failure; repeated when a signal
// interrupts it.
int open_file(FileCalls& calls, const char* path, int flags, mode_t mode = 0);

// The system's word for an errno, e.g. "No space left on device".
std::string error_text(int error);

}  // namespace inkling
