#pragma once

#include <cstdint>

namespace inkling::testing {

// Calls of operator new so far, in all threads; zeros under the address sanitizer.
struct Allocations {
  int64_t all = 0;
  int64_t ours = 0;  // by code of this program itself, shared libraries left out
};
Allocations allocations();

// While it lives, the n-th allocation of this program (counted from 1, the standard library's and
// fmt's for it included), or every one from it on, fails as when memory is used up. One at a time;
// does nothing under the address sanitizer.
class FailingAllocation {
 public:
  FailingAllocation(int64_t n, bool for_good);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  bool has_failed() const;
};

}  // namespace inkling::testing
