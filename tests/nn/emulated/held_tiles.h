#pragma once

namespace inkling::emulated {

// Whether this thread has tiles configured. A kernel that leaves them so makes the system save them
// whenever it lets another thread run.
bool holds_tiles();

}  // namespace inkling::emulated
