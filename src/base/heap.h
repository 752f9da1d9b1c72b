#pragma once

#include <cstddef>

namespace inkling {

// Asks the system for large pages behind the next `bytes` that the program allocates, small pieces
// and large ones: a command that answers in an instant otherwise spends much of it on page faults,
// which cost ten times as much on some virtual machines as on others. A wish; nothing depends on
// it. Where there is a limit on addresses (ulimit -v), nothing is done. Once in a process.
void back_heap_by_large_pages(size_t bytes);

}  // namespace inkling
