#include "base/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/pages.h"

namespace inkling {
namespace {

bool addresses_are_limited() {
  rlimit limit{};
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

}  // namespace

void back_heap_by_large_pages([[maybe_unused]] size_t bytes) {
#ifdef __GLIBC__
  static bool done = false;
  if (done || addresses_are_limited()) return;
  done = true;
  constexpr int largest_piece = 32 << 20;  // the most that the C library takes
  const auto room = static_cast<int>(std::min(bytes + large_page, size_t{largest_piece}));
  mallopt(M_MMAP_THRESHOLD, largest_piece);  // larger ones are no part of the heap
  mallopt(M_TRIM_THRESHOLD, 2 * largest_piece);
  mallopt(M_TOP_PAD, room);
  void* const before = sbrk(0);
  void* volatile piece = std::malloc(2 * large_page);  // makes it grow, with the room above
  std::free(piece);
  const auto* const after = static_cast<char*>(sbrk(0));
  const WholePages heap(before, static_cast<size_t>(after - static_cast<char*>(before)),
                        large_page);
  if (heap.size == 0 || madvise(heap.begin, heap.size, MADV_HUGEPAGE) != 0) return;
  // What lies before the first large page is left out.
  piece = std::malloc(1);
  const auto* const next = static_cast<char*>(piece);
  if (next < heap.begin) piece = std::malloc(static_cast<size_t>(heap.begin - next));
#endif
}

}  // namespace inkling
