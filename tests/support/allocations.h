#pragma once

#include <cstdint>

namespace inkling::testing {

// Calls of operator new so far, in all threads; zeros under the address sanitizer.
struct Allocations {
  int64_t all = 0;
  int64_t ours = 0;  // by code of this program itself, shared libraries left out
};
Allocations allocations();

}  // namespace inkling::testing
