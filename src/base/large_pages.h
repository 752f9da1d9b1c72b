#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace inkling {

constexpr size_t large_page = size_t{2} << 20;

// Asks the system to back memory that was not touched yet by large pages, where they fit: one fault
// for 2 MB instead of 512. A wish; nothing depends on it.
inline void prefer_large_pages(void* begin, size_t bytes) {
  const auto address = reinterpret_cast<uintptr_t>(begin);
  const uintptr_t first = (address + large_page - 1) / large_page * large_page,
                  end = (address + bytes) / large_page * large_page;
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace inkling
