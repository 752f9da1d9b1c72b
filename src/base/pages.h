#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace inkling {

constexpr size_t large_page = size_t{2} << 20;

// The part of memory between two boundaries of pages of a size, which may be empty.
struct WholePages {
  WholePages(void* memory, size_t bytes, size_t page) {
    const size_t before = (page - reinterpret_cast<uintptr_t>(memory) % page) % page;
    begin = static_cast<char*>(memory) + before;
    size = bytes > before ? (bytes - before) / page * page : 0;
  }
  char* begin;
  size_t size;
};

// Asks the system to back memory that is about to be written: by large pages where they fit, one
// fault for 2 MB instead of 512, and by all of them at once, since on some machines a fault costs
// more than filling the page. A wish; nothing depends on it.
inline void back_by_pages(void* memory, size_t bytes) {
  constexpr size_t page = 4096, worth_a_call = 16 * page;
  const WholePages large(memory, bytes, large_page), all(memory, bytes, page);
  if (large.size > 0) madvise(large.begin, large.size, MADV_HUGEPAGE);
#ifdef MADV_POPULATE_WRITE
  if (all.size >= worth_a_call) madvise(all.begin, all.size, MADV_POPULATE_WRITE);
#endif
}

}  // namespace inkling
