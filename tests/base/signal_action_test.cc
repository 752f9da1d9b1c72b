#include "base/signal_action.h"

#include <doctest/doctest.h>

#include <cstdint>

namespace {

volatile std::sig_atomic_t handled = 0;
uintptr_t handlers_place = 0;

void handle(int) {
  handlers_place = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  handled = 1;
}

}  // namespace

TEST_CASE("a signal is handled on a stack of its own") {
  const struct sigaction action = inkling::signal_action(handle);
  struct sigaction before {};
  REQUIRE(sigaction(SIGUSR2, &action, &before) == 0);
  handled = 0;
  std::raise(SIGUSR2);
  CHECK(handled == 1);
  stack_t stack{};
  REQUIRE(sigaltstack(nullptr, &stack) == 0);
  CHECK((stack.ss_flags & SS_DISABLE) == 0);
  const auto begin = reinterpret_cast<uintptr_t>(stack.ss_sp);
  CHECK(stack.ss_size >= size_t{32} << 10);
  CHECK((handlers_place >= begin && handlers_place < begin + stack.ss_size));
  sigaction(SIGUSR2, &before, nullptr);
}
