#pragma once

#include <csignal>

namespace inkling {

// How a signal is handled: by `handler`, on a stack for signals alone, interrupted calls going on.
// The stack is the calling thread's from then on (one thread's, of all that call this): only where
// it is blocked elsewhere may the signal come. Async-signal-safe after the first call.
//
// Not on the thread's own stack: oneDNN's code for products of float32 (gemm with a long inner
// dimension) lets the stack pointer stand at the begin of memory from the heap, and what the system
// puts below it there overwrites other memory.
struct sigaction signal_action(void (*handler)(int));

}  // namespace inkling
