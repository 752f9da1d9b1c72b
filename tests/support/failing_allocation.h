#pragma once

#include <cstdint>
#include <vector>

// Failing the allocations of this program, one by one: its own, and the standard library's and
// fmt's for it. One object of these at a time; under the address sanitizer they do nothing.
namespace inkling::testing {

// While it lives, the n-th allocation (counted from 1), or every one from it on, fails as when
// memory is used up.
class FailingAllocation {
 public:
  FailingAllocation(int64_t n, bool for_good);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  bool has_failed() const;
};

// While it lives, notes from which places the program allocates: which calls, by whom.
class AllocationPlaces {
 public:
  AllocationPlaces();
  ~AllocationPlaces();
  AllocationPlaces(const AllocationPlaces&) = delete;
  AllocationPlaces& operator=(const AllocationPlaces&) = delete;

  // Which allocations, counted from 1, were the first from their place.
  std::vector<int64_t> first_visits() const;
  // All there were.
  int64_t count() const;
};

// For operator new, with the address that called it: whether this one fails.
bool fails_now(const void* caller) noexcept;

}  // namespace inkling::testing
