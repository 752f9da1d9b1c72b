#include "edit/raw_terminal.h"

#include <doctest/doctest.h>

#include <thread>

#include "support/pseudo_terminal.h"
#include "support/refusal.h"
#include "support/resource_limit.h"

using namespace inkling::testing;
using inkling::edit::RawTerminal;

TEST_CASE("what is no terminal, or finds no room, is refused with a sentence") {
  const auto refusal_of = [](int terminal) {
    return refusal([&] { RawTerminal(terminal, terminal); });
  };
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  CHECK(says(refusal_of(null), "cannot ask the terminal for its settings: "));
  close(null);
  const PseudoTerminal screen;
  const ResourceLimit files(RLIMIT_NOFILE, 0);
  CHECK(says(refusal_of(screen.program), "cannot make a pipe: "));
}

TEST_CASE("all of a frame comes to a terminal that somebody has made non-blocking") {
  const PseudoTerminal screen;
  fcntl(screen.program, F_SETFL, O_RDWR | O_NONBLOCK);
  const std::string frame(size_t{1} << 20, 'x');
  std::string seen;
  std::thread person([&] {
    seen = screen.read_until([&](const std::string& all) { return all.size() >= frame.size(); });
  });
  RawTerminal(screen.program, screen.program).write(frame);
  person.join();
  CHECK(seen == frame);
}
