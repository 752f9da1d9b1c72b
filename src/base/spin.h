#pragma once

#include <atomic>

namespace inkling {

// Waits until value differs from `old`: spins for some tens of microseconds, then sleeps. Whoever
// changes it must notify.
template <class T>
void wait_while(std::atomic<T>& value, T old) {
  constexpr int spins = 4000;
  for (int i = 0; i < spins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    __builtin_ia32_pause();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace inkling
