#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace inkling {

constexpr size_t large_page = size_t{2} << 20;

// Asks the system to back memory that was not touched yet by large pages, where they fit: one fault
// for 2 MB instead of 512. A wish; nothing depends on it.
inline void prefer_large_pages(void* begin, size_t bytes) {
  const size_t before = (large_page - reinterpret_cast<uintptr_t>(begin) % large_page) % large_page;
  if (bytes < before + large_page) return;
  madvise(static_cast<char*>(begin) + before, (bytes - before) / large_page * large_page,
          MADV_HUGEPAGE);
}

}  // namespace inkling
