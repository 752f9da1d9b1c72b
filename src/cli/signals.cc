#include "cli/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/signal_action.h"
#include "edit/raw_terminal.h"

namespace inkling::cli {
namespace {

constexpr std::array<int, 4> stopping{SIGINT, SIGTERM, SIGHUP, SIGPIPE};

// What StopSignals' handlers know and tell.
struct StopFlags {
  std::sig_atomic_t asks_first = 0;
  std::sig_atomic_t received = 0;
  std::sig_atomic_t interrupted = 0, terminated = 0;
  std::sig_atomic_t save_requested = 0;
};
volatile StopFlags stop_flags;
volatile std::sig_atomic_t interrupted = 0, ending_signal = 0, was_terminated = 0;
std::array<char, PATH_MAX> removed_at_end;
std::array<struct sigaction, stopping.size()> before_stop;
struct sigaction before_save;
constexpr std::array<int, 3> interrupting{SIGINT, SIGTERM, SIGHUP};
std::array<struct sigaction, interrupting.size()> before_interrupt;
// Ends of a pipe. A handler alone cannot wake a read that is about to begin, nor one in another
// thread.
std::array<int, 2> interrupt_pipe{-1, -1};

bool is_second(int signal, volatile std::sig_atomic_t& had, int which) {
  if (signal != which) return false;
  const bool second = had != 0;
  had = 1;
  return second;
}

void stop(int signal) {
  const bool second = is_second(signal, stop_flags.interrupted, SIGINT) ||
                      is_second(signal, stop_flags.terminated, SIGTERM);
  if (stop_flags.asks_first == 0 || second) {
    if (removed_at_end[0] != 0) unlink(removed_at_end.data());
    // Held back until this handler returns.
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  if (stop_flags.received == 0) stop_flags.received = signal;
}

void request_save(int) { stop_flags.save_requested = 1; }

void set_interrupted(int signal) {
  const int error = errno;
  if (is_second(signal, was_terminated, SIGTERM)) {
    edit::RawTerminal::restore_before_end();
    std::signal(signal, SIG_DFL);
    std::raise(signal);  // held back until this handler returns
  }
  interrupted = 1;
  if (signal != SIGINT && ending_signal == 0) ending_signal = signal;
  // A full pipe is as good as one more byte.
  [[maybe_unused]] const ssize_t written = write(interrupt_pipe[1], "", 1);
  errno = error;
}

}  // namespace

StopSignals::StopSignals() {
  stop_flags.asks_first = 0;
  stop_flags.received = 0;
  stop_flags.interrupted = 0;
  stop_flags.terminated = 0;
  stop_flags.save_requested = 0;
  removed_at_end[0] = 0;
  const struct sigaction action = signal_action(stop);
  for (size_t i = 0; i < stopping.size(); ++i) {
    sigaction(stopping[i], nullptr, &before_stop[i]);
    const bool ignored = before_stop[i].sa_handler == SIG_IGN;
    if (!ignored || stopping[i] == SIGTERM) sigaction(stopping[i], &action, nullptr);
  }
  const struct sigaction saving = signal_action(request_save);
  sigaction(SIGUSR1, &saving, &before_save);
}

StopSignals::~StopSignals() {
  for (size_t i = 0; i < stopping.size(); ++i) sigaction(stopping[i], &before_stop[i], nullptr);
  sigaction(SIGUSR1, &before_save, nullptr);
}

void StopSignals::remove_at_end(const std::string& path) {
  removed_at_end[0] = 0;
  if (path.size() >= removed_at_end.size()) return;
  // The first byte last: a signal in between finds nothing to remove, or all of it.
  for (size_t i = path.size() + 1; i-- > 0;) removed_at_end[i] = path.c_str()[i];
}

void StopSignals::ask_first() { stop_flags.asks_first = 1; }

int StopSignals::received() const { return stop_flags.received; }

bool StopSignals::take_save_request() {
  const bool requested = stop_flags.save_requested != 0;
  if (requested) stop_flags.save_requested = 0;
  return requested;
}

void survive_file_size_limit() { std::signal(SIGXFSZ, SIG_IGN); }

InterruptFlag::InterruptFlag() {
  interrupted = 0;
  ending_signal = 0;
  was_terminated = 0;
  if (pipe2(interrupt_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    data_error("cannot make a pipe: {}", error_text(errno));
  }
  const struct sigaction action = signal_action(set_interrupted);
  for (size_t i = 0; i < interrupting.size(); ++i) {
    sigaction(interrupting[i], nullptr, &before_interrupt[i]);
    const bool ignored = before_interrupt[i].sa_handler == SIG_IGN;
    if (!ignored || interrupting[i] == SIGINT) sigaction(interrupting[i], &action, nullptr);
  }
}

InterruptFlag::~InterruptFlag() {
  for (size_t i = 0; i < interrupting.size(); ++i)
    sigaction(interrupting[i], &before_interrupt[i], nullptr);
  for (const int end : interrupt_pipe) close(end);
}

bool InterruptFlag::is_set() const { return interrupted != 0; }

void InterruptFlag::clear() {
  interrupted = 0;
  std::array<char, 64> bytes;
  while (read(interrupt_pipe[0], bytes.data(), bytes.size()) > 0) {
  }
}

int InterruptFlag::ending() const { return ending_signal; }

int InterruptFlag::descriptor() const { return interrupt_pipe[0]; }

void end_by_signal(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t just_this;
  sigemptyset(&just_this);
  sigaddset(&just_this, signal);
  sigprocmask(SIG_UNBLOCK, &just_this, nullptr);
  std::raise(signal);
  _exit(128 + signal);
}

}  // namespace inkling::cli
