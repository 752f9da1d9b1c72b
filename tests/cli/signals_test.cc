#include "cli/signals.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>

#include "support/temp_dir.h"

using namespace inkling::cli;
using inkling::testing::TempDir;

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

TEST_CASE("before the work begins a signal ends the process, and its file is removed") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    const TempDir dir;
    const std::string litter = dir.write("litter", "x");
    CHECK(ended_by(wait_status_of([&] {
                     StopSignals signals;
                     signals.remove_at_end(litter);
                     raise(signal);
                   }),
                   signal));
    CHECK_FALSE(std::filesystem::exists(litter));
  }
}

TEST_CASE("the first signal asks for an end, a second Ctrl-C or SIGTERM ends") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CHECK(ended_with(wait_status_of([&] {
                       StopSignals signals;
                       signals.ask_first();
                       raise(signal);
                       _exit(signals.received() == signal ? 7 : 8);
                     }),
                     7));
    const TempDir dir;
    const std::string litter = dir.write("litter", "x");
    CHECK(ended_by(wait_status_of([&] {
                     StopSignals signals;
                     signals.remove_at_end(litter);
                     signals.ask_first();
                     raise(signal);
                     raise(signal);
                   }),
                   signal));
    CHECK_FALSE(std::filesystem::exists(litter));
  }
  CHECK(ended_with(wait_status_of([&] {
                     StopSignals signals;
                     signals.ask_first();
                     raise(SIGTERM);
                     raise(SIGINT);
                     _exit(signals.received() == SIGTERM ? 7 : 8);
                   }),
                   7));
}

TEST_CASE("SIGUSR1 asks for a save, whenever it comes") {
  CHECK(ended_with(wait_status_of([] {
                     StopSignals signals;
                     if (signals.take_save_request()) _exit(1);
                     raise(SIGUSR1);
                     raise(SIGUSR1);
                     signals.ask_first();
                     if (!signals.take_save_request()) _exit(2);
                     if (signals.take_save_request()) _exit(3);
                     raise(SIGUSR1);
                     _exit(signals.take_save_request() && signals.received() == 0 ? 7 : 4);
                   }),
                   7));
}

TEST_CASE("a broken pipe and a hang-up ask for an end as often as they like") {
  // Of a closed terminal a hang-up may come from the system and from the shell.
  for (const int signal : {SIGPIPE, SIGHUP}) {
    CHECK(ended_with(wait_status_of([&] {
                       StopSignals signals;
                       signals.ask_first();
                       raise(signal);
                       raise(signal);
                       _exit(signals.received() == signal ? 7 : 8);
                     }),
                     7));
  }
}

TEST_CASE("what was ignored stays ignored, and what was before comes back") {
  CHECK(ended_with(wait_status_of([] {
                     std::signal(SIGHUP, SIG_IGN);
                     StopSignals signals;
                     signals.ask_first();
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
