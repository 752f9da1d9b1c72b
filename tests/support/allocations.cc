#include "support/allocations.h"

#include <link.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>

namespace {

std::atomic<int64_t> all{0}, ours{0};
std::atomic<int64_t> until_failure{0};  // 0 = never
std::atomic<bool> fails_for_good{false}, failed{false};

// Code that allocates for this program: its own, and that of libraries that do what it says.
struct CodeRanges {
  std::array<std::pair<uintptr_t, uintptr_t>, 8> ranges{};
  size_t count = 0;

  bool has(const void* address) const {
    const auto at = reinterpret_cast<uintptr_t>(address);
    return std::any_of(ranges.begin(), ranges.begin() + count,
                       [=](const auto& range) { return at >= range.first && at < range.second; });
  }
};

int add_ranges(dl_phdr_info* info, size_t, void* to) {
  auto& found = *static_cast<CodeRanges*>(to);
  const std::string_view name(info->dlpi_name);
  const bool serves =
      name.empty() || name.find("libstdc++") != name.npos || name.find("libfmt") != name.npos;
  for (int i = 0; serves && i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0 || found.count == found.ranges.size())
      continue;
    const uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    found.ranges[found.count++] = {begin, begin + part.p_memsz};
  }
  return 0;
}

const CodeRanges& our_code() {
  static const CodeRanges ranges = [] {
    CodeRanges found;
    dl_iterate_phdr(add_ranges, &found);
    return found;
  }();
  return ranges;
}

// Whether this allocation is the one that fails.
[[maybe_unused]] bool fails(const void* caller) {
  if (until_failure.load(std::memory_order_relaxed) <= 0 || !our_code().has(caller)) return false;
  if (until_failure.load() == 1) {
    if (!fails_for_good) until_failure = 0;
    failed = true;
    return true;
  }
  --until_failure;
  return false;
}

}  // namespace

// The address sanitizer keeps its own, and nothing is counted.
#ifndef __SANITIZE_ADDRESS__

// The linker's: where the program's code begins and ends.
extern "C" const char __executable_start, etext;

namespace {

void* allocate(std::size_t size, const void* caller) {
  all.fetch_add(1, std::memory_order_relaxed);
  if (caller >= &__executable_start && caller < &etext)
    ours.fetch_add(1, std::memory_order_relaxed);
  if (fails(caller)) throw std::bad_alloc();
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, __builtin_return_address(0)); }
void* operator new[](std::size_t size) { return allocate(size, __builtin_return_address(0)); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

// Buffers of numbers are taken with this.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  void* memory = nullptr;
  if (fails(__builtin_return_address(0))) return nullptr;
  return posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

#endif

namespace inkling::testing {

FailingAllocation::FailingAllocation(int64_t n, bool for_good) {
  our_code();
  failed = false;
  fails_for_good = for_good;
  until_failure = n;
}

FailingAllocation::~FailingAllocation() { until_failure = 0; }

bool FailingAllocation::has_failed() const { return failed; }

Allocations allocations() { return {all.load(), ours.load()}; }

}  // namespace inkling::testing
