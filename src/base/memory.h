#pragma once

#include <cstdint>

namespace inkling {

// Bytes that this process may still allocate: the system's available memory, or what its control
// group leaves, whichever is less.
int64_t available_memory();

}  // namespace inkling
