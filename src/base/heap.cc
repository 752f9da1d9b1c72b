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
  // More than is left of the heap, so that it grows, with the room above. What lies behind a piece
  // has been written to, and is therefore on a small page.
  constexpr size_t more_than_left = 512 << 10;
  void* volatile piece = std::malloc(more_than_left);
  if (piece == nullptr) return;
  auto* const begin = static_cast<char*>(piece) + more_than_left + 4096;
  std::free(piece);
  auto* const end = static_cast<char*>(sbrk(0));
  if (end < begin) return;  // another heap than the C library's
  const WholePages heap(begin, static_cast<size_t>(end - begin), large_page);
  if (heap.size == 0 || madvise(heap.begin, heap.size, MADV_HUGEPAGE) != 0) return;
  // What lies before the first large page is left out.
  piece = std::malloc(1);
  const auto* const next = static_cast<char*>(piece);
  if (next < heap.begin) piece = std::malloc(static_cast<size_t>(heap.begin - next));
#endif
}

}  // namespace inkling
