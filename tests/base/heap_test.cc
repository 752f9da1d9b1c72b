#include "base/heap.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "base/pages.h"
#include "support/sanitizers.h"

namespace inkling {
namespace {

// What the system says of the mapping that an address is in: the line of its flags.
std::string flags_at(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0, end = 0;
    char dash = 0;
    if (std::istringstream range(line); range >> std::hex >> begin >> dash >> end && dash == '-')
      inside = begin <= reinterpret_cast<uintptr_t>(address) &&
               reinterpret_cast<uintptr_t>(address) < end;
    if (inside && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

bool system_has_large_pages() {
  void* const memory = std::aligned_alloc(large_page, large_page);
  const bool has = madvise(memory, large_page, MADV_HUGEPAGE) == 0;
  std::free(memory);
  return has;
}

}  // namespace

TEST_CASE("what is allocated after the call lies on large pages, small or large") {
  back_heap_by_large_pages(size_t{24} << 20);
#if INKLING_ADDRESS_SANITIZER || INKLING_THREAD_SANITIZER
  return;  // which bring a heap of their own
#endif
  if (!system_has_large_pages()) return;
  const auto large = std::make_unique<char[]>(size_t{7} << 20);
  for (int i = 0; i < 100; ++i) {
    const auto small = std::make_unique<char[]>(size_t{5000});
    CHECK(flags_at(small.get()).find(" hg ") != std::string::npos);
  }
  CHECK(flags_at(large.get()).find(" hg ") != std::string::npos);
  CHECK(flags_at(large.get() + (size_t{6} << 20)).find(" hg ") != std::string::npos);
}

}  // namespace inkling
