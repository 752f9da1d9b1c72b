#include "base/heap.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/pages.h"
#include "support/sanitizers.h"

namespace inkling {
namespace {

// Whether the mapping that an address is in has large pages, by the line of its flags.
bool has_large_pages(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0, end = 0;
    char dash = 0;
    if (std::istringstream range(line); range >> std::hex >> begin >> dash >> end && dash == '-')
      inside = begin <= reinterpret_cast<uintptr_t>(address) &&
               reinterpret_cast<uintptr_t>(address) < end;
    if (inside && line.starts_with("VmFlags:")) return line.find(" hg") != std::string::npos;
  }
  return false;
}

bool system_has_large_pages() {
  void* const memory = std::aligned_alloc(large_page, large_page);
  const bool has = madvise(memory, large_page, MADV_HUGEPAGE) == 0;
  std::free(memory);
  return has;
}

// The number that f returns, in a process of its own: the call cannot be undone. At most 255.
template <class F>
int in_a_child(F&& f) {
  const pid_t child = fork();
  if (child == 0) _exit(f());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr size_t megabyte = size_t{1} << 20;

// What other tests have freed would serve instead of a heap that grows.
void fill_holes() {
  for (const void* end = sbrk(0); sbrk(0) == end;) {
    void* volatile piece = std::malloc(megabyte / 16);
    if (piece == nullptr) return;
  }
}

// How many of 200 small pieces and a large one, taken after the call, lie on small pages. (The
// first pieces may go to where others were freed before.)
int pieces_on_small_pages() {
  fill_holes();
  back_heap_by_large_pages(24 * megabyte);
  std::vector<std::unique_ptr<char[]>> pieces;
  for (int i = 0; i < 200; ++i) pieces.push_back(std::make_unique<char[]>(5000));
  pieces.push_back(std::make_unique<char[]>(7 * megabyte));
  return static_cast<int>(std::count_if(pieces.begin(), pieces.end(), [](const auto& piece) {
    return !has_large_pages(piece.get());
  }));
}

}  // namespace

#if !INKLING_ADDRESS_SANITIZER && !INKLING_THREAD_SANITIZER  // which bring a heap of their own

TEST_CASE("what is allocated after the call lies on large pages, in small pieces and large ones") {
  if (!system_has_large_pages()) return;
  CHECK(in_a_child(pieces_on_small_pages) < 100);
}

TEST_CASE("where data is limited, the heap stays as it is and every byte of it can be had") {
  const auto megabytes_had = [](bool call) {
    return in_a_child([call] {
      rlimit limit{};
      getrlimit(RLIMIT_DATA, &limit);
      limit.rlim_cur = 60 * megabyte;
      setrlimit(RLIMIT_DATA, &limit);
      if (call) back_heap_by_large_pages(100 * megabyte);
      int pieces = 0;
      while (std::malloc(megabyte / 4) != nullptr) ++pieces;  // the end frees them
      return pieces / 4;
    });
  };
  CHECK(megabytes_had(false) > 10);
  CHECK(megabytes_had(true) == megabytes_had(false));
}

#endif

}  // namespace inkling
