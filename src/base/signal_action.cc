#include "base/signal_action.h"

#include <array>

namespace inkling {
namespace {

// The system itself stores some 12 KB with the widest registers.
alignas(64) std::array<char, 128 << 10> signal_stack;

void use_signal_stack() {
  stack_t present{};
  if (sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
  stack_t ours{};
  ours.ss_sp = signal_stack.data();
  ours.ss_size = signal_stack.size();
  sigaltstack(&ours, nullptr);
}

}  // namespace

struct sigaction signal_action(void (*handler)(int)) {
  use_signal_stack();
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  return action;
}

}  // namespace inkling
