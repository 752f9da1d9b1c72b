#include "base/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/pages.h"

namespace inkling {

#ifdef __GLIBC__

namespace {

constexpr int largest_piece = 32 << 20;       // the most that the C library takes
constexpr int usual_room = 128 << 10;         // that it takes beyond a piece, by itself
constexpr size_t more_than_left = 512 << 10;  // of a heap that has grown by itself

bool is_limited(int resource) {
  rlimit limit{};
  return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

// Makes the heap grow by `room` at least. The piece at its end then, or nullptr: another allocator
// serves here, or there is no memory.
char* grow_heap(int room) {
  const void* const before = sbrk(0);
  mallopt(M_TOP_PAD, room);
  void* volatile piece = std::malloc(more_than_left);  // volatile: or the compiler leaves it out
  mallopt(M_TOP_PAD, usual_room);
  if (piece != nullptr && sbrk(0) != before) return static_cast<char*>(piece);
  std::free(piece);
  return nullptr;
}

}  // namespace

void back_heap_by_large_pages(size_t bytes) {
  static bool done = false;
  if (done || is_limited(RLIMIT_AS) || is_limited(RLIMIT_DATA)) return;
  done = true;
  mallopt(M_MMAP_THRESHOLD, largest_piece);  // larger ones are no part of the heap
  mallopt(M_TRIM_THRESHOLD, 2 * largest_piece);
  const size_t most = largest_piece;
  // The piece stays: it and one more fill up what lies before the first large page. What follows it
  // has been written to, and is therefore on a small page.
  char* const piece = grow_heap(static_cast<int>(std::min(bytes + large_page, most)));
  if (piece == nullptr) return;
  constexpr size_t page = 4096;
  char *const next = piece + more_than_left, *const behind = next + page;
  const auto* const end = static_cast<const char*>(sbrk(0));
  const WholePages heap(behind, static_cast<size_t>(end - behind), large_page);
  if (heap.size == 0 || madvise(heap.begin, heap.size, MADV_HUGEPAGE) != 0) return;
  [[maybe_unused]] void* volatile filling = std::malloc(static_cast<size_t>(heap.begin - next));
}

#else

void back_heap_by_large_pages(size_t /*bytes*/) {}

#endif

}  // namespace inkling
