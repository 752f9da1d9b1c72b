#include "edit/raw_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/signal_action.h"

namespace inkling::edit {
namespace {

using Mode = RawTerminal::Mode;

constexpr std::string_view begin_editing = "\033[?2004h";
// Paste marks off, colours off, the cursor shown.
constexpr std::string_view end_editing = "\033[?2004l\033[0m\033[?25h";
// What is below the cursor of an edited line goes, and a shell's prompt begins a line.
constexpr std::string_view leave_line = "\033[J\r\n";

constexpr std::array<int, 8> ending{SIGTERM, SIGHUP, SIGQUIT, SIGSEGV,
                                    SIGABRT, SIGBUS, SIGFPE,  SIGILL};
constexpr std::array<int, 3> others{SIGTSTP, SIGCONT, SIGWINCH};

// What the handlers need. Plain data: a handler may come at any time.
struct Shared {
  int input = -1, output = -1;
  std::array<int, 2> pipe{-1, -1};
  volatile std::sig_atomic_t mode = 0;
  volatile std::sig_atomic_t resumed = 0;
  std::array<termios, 3> settings{};  // by Mode
  std::array<struct sigaction, ending.size()> before_ending{};
  std::array<struct sigaction, others.size()> before_others{};
};
Shared shared;

const termios& settings_of(int mode) { return shared.settings[static_cast<size_t>(mode)]; }

void send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(shared.output, bytes.data(), bytes.size());
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
    if (written < 0 && errno == EAGAIN) {
      // Somebody has made the terminal's descriptor non-blocking.
      pollfd ready{shared.output, POLLOUT, 0};
      ::poll(&ready, 1, 1000);
    } else if (written < 0 && errno != EINTR) {
      return;
    }
  }
}

// Of a terminal that is not this session's own there is no telling.
bool in_background() {
  const pid_t group = ::tcgetpgrp(shared.input);
  return group > 0 && group != ::getpgrp();
}

bool in_foreground() { return ::tcgetpgrp(shared.input) == ::getpgrp(); }

void apply(Mode mode) {
  const int before = shared.mode;
  const int after = static_cast<int>(mode);
  if (before == after) return;
  if (in_background()) {  // it is another's, who has put it back; SIGCONT brings the mode
    shared.mode = after;
    return;
  }
  if (before == static_cast<int>(Mode::editing)) send(end_editing);
  // Never so that a handler would find settings changed and the mode not.
  if (mode != Mode::found) shared.mode = after;
  while (::tcsetattr(shared.input, TCSADRAIN, &settings_of(after)) != 0 && errno == EINTR) {
  }
  shared.mode = after;
  if (mode == Mode::editing) send(begin_editing);
}

// From here on only what may be called in a signal's handler.

void put_back() {
  if (shared.mode == static_cast<int>(Mode::found) || !in_foreground()) return;
  if (shared.mode == static_cast<int>(Mode::editing)) {
    send(leave_line);
    send(end_editing);
  }
  ::tcsetattr(shared.input, TCSANOW, &settings_of(0));
}

void wake() { [[maybe_unused]] const ssize_t written = ::write(shared.pipe[1], "", 1); }

void act_as_usual(int signal) {
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  sigemptyset(&usual.sa_mask);
  ::sigaction(signal, &usual, nullptr);
  sigset_t just_this;
  sigemptyset(&just_this);
  sigaddset(&just_this, signal);
  ::raise(signal);
  ::pthread_sigmask(SIG_UNBLOCK, &just_this, nullptr);  // here it strikes
}

void handle_end(int signal) {
  put_back();
  act_as_usual(signal);
}

void handle_resize(int) {
  const int error = errno;
  wake();
  errno = error;
}

void handle_continue(int) {
  const int error = errno;
  // In the background the terminal is another's; on the way back there is another SIGCONT.
  if (shared.mode != static_cast<int>(Mode::found) && in_foreground()) {
    ::tcsetattr(shared.input, TCSANOW, &settings_of(shared.mode));
    if (shared.mode == static_cast<int>(Mode::editing)) send(begin_editing);
    shared.resumed = 1;
    wake();
  }
  errno = error;
}

void handle_stop(int signal);

void handle_stop(int signal) {
  const int error = errno;
  put_back();
  act_as_usual(signal);  // returns when the process goes on, after handle_continue()
  const struct sigaction again = signal_action(handle_stop);
  ::sigaction(signal, &again, nullptr);
  // A process group without a shell cannot be stopped: then nothing has continued it either.
  handle_continue(SIGCONT);
  errno = error;
}

}  // namespace

RawTerminal::RawTerminal(int input, int output) {
  shared = {};
  shared.input = input;
  shared.output = output;
  termios found{};
  if (::tcgetattr(input, &found) != 0) {
    data_error("cannot ask the terminal for its settings: {}", error_text(errno));
  }
  if (::pipe2(shared.pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    data_error("cannot make a pipe: {}", error_text(errno));
  }
  termios writing = found;
  writing.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  // Ctrl-C takes neither what was just written away nor what was typed ahead.
  writing.c_lflag |= NOFLSH;
  // Enter and Ctrl-J are two keys, also while they wait.
  writing.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IGNCR | ISTRIP);
  writing.c_cc[VMIN] = 1;
  writing.c_cc[VTIME] = 0;
  termios editing = writing;
  editing.c_lflag &= ~static_cast<tcflag_t>(ISIG | IEXTEN);
  editing.c_iflag &= ~static_cast<tcflag_t>(IXON);
  shared.settings = {found, editing, writing};

  for (size_t i = 0; i < ending.size(); ++i) {
    ::sigaction(ending[i], nullptr, &shared.before_ending[i]);
    const struct sigaction action = signal_action(handle_end);
    // Who has another use for being asked to end puts the terminal back.
    const bool asks = ending[i] == SIGTERM || ending[i] == SIGHUP;
    const auto before = shared.before_ending[i].sa_handler;
    if (asks ? before == SIG_DFL : before != SIG_IGN) ::sigaction(ending[i], &action, nullptr);
  }
  const std::array handlers{handle_stop, handle_continue, handle_resize};
  for (size_t i = 0; i < others.size(); ++i) {
    ::sigaction(others[i], nullptr, &shared.before_others[i]);
    const struct sigaction action = signal_action(handlers[i]);
    // A shell without job control ignores Ctrl-Z for its programs, and so do they.
    if (shared.before_others[i].sa_handler != SIG_IGN) ::sigaction(others[i], &action, nullptr);
  }
}

RawTerminal::~RawTerminal() {
  restore();
  for (size_t i = 0; i < ending.size(); ++i) {
    ::sigaction(ending[i], &shared.before_ending[i], nullptr);
  }
  for (size_t i = 0; i < others.size(); ++i) {
    ::sigaction(others[i], &shared.before_others[i], nullptr);
  }
  for (const int end : shared.pipe) ::close(end);
}

void RawTerminal::enter(Mode mode) { apply(mode); }

void RawTerminal::restore_before_end() { put_back(); }

void RawTerminal::suspend() { ::kill(0, SIGTSTP); }

Size RawTerminal::size() const {
  winsize found{};
  Size size;
  if (::ioctl(shared.output, TIOCGWINSZ, &found) != 0) return size;
  if (found.ws_col > 0) size.columns = found.ws_col;
  if (found.ws_row > 0) size.rows = found.ws_row;
  return size;
}

void RawTerminal::write(std::string_view bytes) const {
  if (!in_background()) send(bytes);
}
int RawTerminal::input() const { return shared.input; }
int RawTerminal::change_descriptor() const { return shared.pipe[0]; }

bool RawTerminal::take_resumed() {
  std::array<char, 64> bytes;
  while (::read(shared.pipe[0], bytes.data(), bytes.size()) > 0) {
  }
  const bool resumed = shared.resumed != 0;
  shared.resumed = 0;
  return resumed;
}

}  // namespace inkling::edit
