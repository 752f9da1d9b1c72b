#include "support/allocations.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

#include "support/failing_allocation.h"
#include "support/sanitizers.h"

namespace {

std::atomic<int64_t> all{0}, ours{0};

}  // namespace

// The sanitizers keep their own, and nothing is counted.
#if !INKLING_ADDRESS_SANITIZER && !INKLING_THREAD_SANITIZER

// The linker's: where the program's code begins and ends.
extern "C" const char __executable_start, etext;

namespace {

void* allocate(std::size_t size, const void* caller) {
  all.fetch_add(1, std::memory_order_relaxed);
  if (caller >= &__executable_start && caller < &etext)
    ours.fetch_add(1, std::memory_order_relaxed);
  if (inkling::testing::fails_now(caller)) throw std::bad_alloc();
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
extern "C" int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  if (inkling::testing::fails_now(__builtin_return_address(0))) return ENOMEM;
  *memory = std::aligned_alloc(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

#endif

namespace inkling::testing {

Allocations allocations() { return {all.load(), ours.load()}; }

}  // namespace inkling::testing
