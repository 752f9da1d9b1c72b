#include "cli/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/descriptor.h"
#include "base/error.h"

namespace inkling::cli {
namespace {

constexpr std::array<int, 4> stopping{SIGINT, SIGTERM, SIGHUP, SIGPIPE};

volatile std::sig_atomic_t stop_signal = 0;
volatile std::sig_atomic_t interrupted = 0;
std::array<struct sigaction, stopping.size()> before_stop;
struct sigaction before_interrupt;
// Ends of a pipe. A handler alone cannot wake a read that is about to begin, nor one in another
// thread.
std::array<int, 2> interrupt_pipe{-1, -1};

void ask_for_stop(int signal) {
  if (stop_signal == 0) stop_signal = signal;
  // Saving still talks, and a broken pipe must not end that.
  if (signal != SIGPIPE) std::signal(signal, SIG_DFL);
}

void set_interrupted(int) {
  const int error = errno;
  interrupted = 1;
  // A full pipe is as good as one more byte.
  [[maybe_unused]] const ssize_t written = write(interrupt_pipe[1], "", 1);
  errno = error;
}

struct sigaction action_of(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  return action;
}

}  // namespace

StopSignals::StopSignals() {
  stop_signal = 0;
  const struct sigaction action = action_of(ask_for_stop, SA_RESTART);
  for (size_t i = 0; i < stopping.size(); ++i) {
    sigaction(stopping[i], nullptr, &before_stop[i]);
    const bool ignored = before_stop[i].sa_handler == SIG_IGN;
    if (!ignored || stopping[i] == SIGTERM) sigaction(stopping[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  for (size_t i = 0; i < stopping.size(); ++i) sigaction(stopping[i], &before_stop[i], nullptr);
}

int StopSignals::received() const { return stop_signal; }

InterruptFlag::InterruptFlag() {
  interrupted = 0;
  if (pipe2(interrupt_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    data_error("cannot make a pipe: {}", error_text(errno));
  }
  const struct sigaction action = action_of(set_interrupted, SA_RESTART);
  sigaction(SIGINT, &action, &before_interrupt);
}

InterruptFlag::~InterruptFlag() {
  sigaction(SIGINT, &before_interrupt, nullptr);
  for (const int end : interrupt_pipe) close(end);
}

bool InterruptFlag::is_set() const { return interrupted != 0; }

void InterruptFlag::clear() {
  interrupted = 0;
  std::array<char, 64> bytes;
  while (read(interrupt_pipe[0], bytes.data(), bytes.size()) > 0) {
  }
}

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
