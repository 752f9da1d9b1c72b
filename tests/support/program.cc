#include "support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace inkling::testing {
namespace {

constexpr std::chrono::seconds longest_run{480};
constexpr std::chrono::seconds longest_wait{30};

struct Pipe {
  int read = -1, write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  return {ends[0], ends[1]};
}

Pipe make_terminal(int columns, int rows) {
  Pipe ends;
  ends.read = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ends.read < 0 || grantpt(ends.read) != 0 || unlockpt(ends.read) != 0) {
    throw std::runtime_error("no pseudo-terminal");
  }
  ends.write = open(ptsname(ends.read), O_RDWR | O_NOCTTY | O_CLOEXEC);
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  ioctl(ends.write, TIOCSWINSZ, &size);
  return ends;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_of(const ProgramCall& call) {
  std::map<std::string, std::string> variables{
      {"LANG", "C.UTF-8"},
      {"TERM", "xterm"},
      {"HOME", call.folder.empty() ? "/" : call.folder},
      {"XDG_STATE_HOME", "/dev/null"}};  // a test that wants a history says where
  for (const char* kept : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH"}) {
    if (const char* value = getenv(kept)) variables[kept] = value;
  }
  for (const auto& [name, value] : call.environment) variables[name] = value;
  std::vector<std::string> result;
  result.reserve(variables.size());
  for (const auto& [name, value] : variables)
    result.push_back(std::string(name).append("=").append(value));
  return result;
}

}  // namespace

Program::Program(const ProgramCall& call)
    : terminal_(call.terminal_columns > 0), input_(call.input) {
  std::vector<std::string> words = call.arguments;
  words.insert(words.begin(), call.program.empty() ? INKLING_BINARY : call.program);
  std::vector<std::string> variables = environment_of(call);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(variables);
  Pipe in, out, err;
  if (terminal_) {
    out = make_terminal(call.terminal_columns, call.terminal_rows);
    in = {out.write, out.read};
    err.write = out.write;
  } else {
    in = make_pipe();
    out = make_pipe();
    err = make_pipe();
  }
  int output = out.write;
  if (!call.output.empty())
    output = open(call.output.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

  child_ = fork();
  if (child_ < 0) throw std::runtime_error("fork failed");
  if (child_ == 0) {
    // Only calls that are safe after fork.
    if (terminal_) {
      setsid();
      ioctl(out.write, TIOCSCTTY, 0);
    } else {
      // A group of its own below us: nothing can be held by SIGTSTP in an orphaned one, as ours is
      // where no shell waits for it.
      setpgid(0, 0);
    }
    if (!call.folder.empty() && chdir(call.folder.c_str()) != 0) _exit(126);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGTSTP, SIGUSR1, SIGQUIT})
      std::signal(signal, SIG_DFL);
    std::signal(SIGHUP, call.ignore_hangup ? SIG_IGN : SIG_DFL);
    dup2(in.read, 0);
    dup2(output, 1);
    dup2(err.write, 2);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  in_ = in.write;
  out_ = out.read;
  if (output != out.write) close(output);
  close(out.write);
  if (!terminal_) {
    err_ = err.read;
    close(in.read);
    close(err.write);
  }
  fcntl(in_, F_SETFL, O_NONBLOCK);
}

Program::~Program() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  if (!terminal_) close_one(in_);
  close_one(out_);
  close_one(err_);
}

void Program::close_one(int& descriptor) {
  if (descriptor >= 0) close(descriptor);
  descriptor = -1;
}

void Program::send(int signal) const { kill(child_, signal); }

bool Program::wait_for_stop() const {
  const auto deadline = Clock::now() + longest_wait;
  while (Clock::now() < deadline) {
    siginfo_t found{};
    if (waitid(P_PID, static_cast<id_t>(child_), &found, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
        found.si_pid == child_) {
      return true;
    }
    usleep(1000);
  }
  return false;
}

void Program::type(std::string_view keys) { input_ += keys; }

void Program::close_output() { close_one(out_); }

bool Program::exchange(int milliseconds) {
  const bool writes = in_ >= 0 && !input_.empty();
  if (in_ >= 0 && input_.empty() && !terminal_) close_one(in_);
  std::array<pollfd, 3> waiting{
      {{out_, POLLIN, 0}, {err_, POLLIN, 0}, {writes ? in_ : -1, POLLOUT, 0}}};
  if (poll(waiting.data(), waiting.size(), milliseconds) < 0 && errno != EINTR) return false;
  std::array<char, 65536> bytes;
  const auto take = [&](const pollfd& from, int& descriptor, std::string& to) {
    if (from.fd < 0 || from.revents == 0) return;
    const ssize_t got = ::read(descriptor, bytes.data(), bytes.size());
    // A terminal whose other side was closed answers with an error.
    if (got > 0) to.append(bytes.data(), static_cast<size_t>(got));
    if (got <= 0 && terminal_) result_.terminal_was_sane = terminal_is_sane();
    if (got <= 0) close_one(descriptor);
  };
  if (waiting[2].revents != 0) {
    std::signal(SIGPIPE, SIG_IGN);
    const ssize_t put = ::write(in_, input_.data(), input_.size());
    if (put > 0) input_.erase(0, static_cast<size_t>(put));
    if (put < 0 && errno != EAGAIN) close_one(in_);
  }
  take(waiting[0], out_, result_.out);
  take(waiting[1], err_, result_.err);
  if (terminal_ && out_ < 0) in_ = -1;
  return out_ >= 0 || err_ >= 0;
}

bool Program::wait_for(std::string_view text) {
  const auto deadline = Clock::now() + longest_wait;
  const auto seen = [&] {
    return result_.out.find(text) != std::string::npos ||
           result_.err.find(text) != std::string::npos;
  };
  while (!seen() && Clock::now() < deadline) {
    if (!exchange(50)) break;
  }
  return seen();
}

bool Program::read_for(double seconds) {
  const auto deadline = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < deadline) {
    if (!exchange(10)) return false;
  }
  return true;
}

void Program::resize(int columns, int rows) const {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  ioctl(out_, TIOCSWINSZ, &size);
}

bool Program::terminal_is_sane() const {
  termios settings{};
  if (tcgetattr(out_, &settings) != 0) return false;
  const tcflag_t needed = ICANON | ECHO | ISIG | IEXTEN;
  return (settings.c_lflag & needed) == needed && (settings.c_iflag & ICRNL) != 0;
}

ProgramResult Program::finish() {
  const auto deadline = Clock::now() + longest_run;
  while (exchange(50)) {
    if (Clock::now() > deadline) kill(child_, SIGKILL);
  }
  int status = 0;
  rusage usage{};
  wait4(child_, &status, 0, &usage);
  child_ = -1;
  result_.peak_kilobytes = usage.ru_maxrss;
  if (WIFEXITED(status)) result_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
  return result_;
}

}  // namespace inkling::testing
