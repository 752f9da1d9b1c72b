#pragma once

#include <cstddef>

namespace inkling {

// Asks the system for large pages behind what the program allocates next, up to `bytes` or 32 MB,
// in small pieces and in large ones below 32 MB: a command that answers in an instant otherwise
// spends much of it on page faults, which cost ten times as much on some virtual machines as on
// others. A wish; nothing depends on it. Where the system or the user limits addresses or data
// (ulimit -v, -d), nothing is done. Before other threads start; a second call does nothing.
void back_heap_by_large_pages(size_t bytes);

}  // namespace inkling
