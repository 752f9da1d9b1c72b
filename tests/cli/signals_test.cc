#include "cli/signals.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

using namespace inkling::cli;

namespace {

// How a process of its own ends that does this and nothing else.
int wait_status_of(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_DFL);
    work();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

bool ended_by(int status, int signal) { return WIFSIGNALED(status) && WTERMSIG(status) == signal; }
bool ended_with(int status, int code) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }

}  // namespace

TEST_CASE("the first signal asks for an end, the second ends") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CHECK(ended_with(wait_status_of([&] {
                       const StopSignals signals;
                       raise(signal);
                       _exit(signals.received() == signal ? 7 : 8);
                     }),
                     7));
    CHECK(ended_by(wait_status_of([&] {
                     const StopSignals signals;
                     raise(signal);
                     raise(signal);
                   }),
                   signal));
  }
}

TEST_CASE("a broken pipe asks for an end as often as it likes") {
  CHECK(ended_with(wait_status_of([] {
                     const StopSignals signals;
                     raise(SIGPIPE);
                     raise(SIGPIPE);
                     _exit(signals.received() == SIGPIPE ? 7 : 8);
                   }),
                   7));
}

TEST_CASE("what was ignored stays ignored, and what was before comes back") {
  CHECK(ended_with(wait_status_of([] {
                     std::signal(SIGHUP, SIG_IGN);
                     const StopSignals signals;
                     raise(SIGHUP);
                     raise(SIGHUP);
                     _exit(signals.received() == 0 ? 7 : 8);
                   }),
                   7));
  CHECK(ended_by(wait_status_of([] {
                   { const StopSignals signals; }
                   raise(SIGTERM);
                 }),
                 SIGTERM));
}

TEST_CASE("end_by_signal ends by that signal, though it is caught, ignored or blocked") {
  CHECK(ended_by(wait_status_of([] {
                   const StopSignals signals;
                   end_by_signal(SIGINT);
                 }),
                 SIGINT));
  CHECK(ended_by(wait_status_of([] {
                   std::signal(SIGPIPE, SIG_IGN);
                   end_by_signal(SIGPIPE);
                 }),
                 SIGPIPE));
}
