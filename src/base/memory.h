#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inkling {

// Where the system says how much memory there is; a test has its own.
struct MemorySources {
  std::string proc = "/proc";
  std::string cgroup = "/sys/fs/cgroup";
};

// Bytes that this process may still allocate: the least of the system's available memory, what its
// control groups leave (file contents that they can drop counted as free), and what its own limit
// on addresses (ulimit -v) is good for: four fifths, less 32 MB.
int64_t available_memory(const MemorySources& sources = {});

// Throws MemoryError where `bytes`, above limits::small_memory, are more than are free. `what`
// begins the sentence, `advice` ends it.
void require_memory(int64_t bytes, std::string_view what, std::string_view advice);

}  // namespace inkling
