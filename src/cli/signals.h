#pragma once

namespace inkling::cli {

// While it lives, SIGINT, SIGTERM, SIGHUP and SIGPIPE only ask for an end, so that work can be
// saved. The second SIGINT (or SIGTERM, or SIGHUP) ends the process at once. A SIGINT or SIGHUP
// that was ignored before (nohup, a job in the background) stays ignored. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // The signal that asked first, 0 = none.
  int received() const;
};

// While it lives, SIGINT (Ctrl-C) only sets a flag. One at a time.
class InterruptFlag {
 public:
  InterruptFlag();
  ~InterruptFlag();
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;

  bool is_set() const;
  void clear();
  // Readable while the flag is set: what waits for something else can wait for this too.
  int descriptor() const;
};

// Ends this process by that signal, as if it had never been caught: a shell then sees the truth.
[[noreturn]] void end_by_signal(int signal);

}  // namespace inkling::cli
