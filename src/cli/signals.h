#pragma once

#include <string>

namespace inkling::cli {

// While it lives, signals reach a long work in order. At first they end the process as always:
// there is nothing to save yet. After ask_first(), SIGINT, SIGTERM, SIGHUP and SIGPIPE only ask for
// an end, so that work can be saved; a second SIGINT or a second SIGTERM ends the process at once.
// (Of a closed terminal two SIGHUP may come.) SIGUSR1 asks for a save, at any time. A SIGINT or
// SIGHUP that was ignored before (nohup, a job in the background) stays ignored. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // A file to be removed when a signal ends the process; "" = none.
  void remove_at_end(const std::string& path);
  void ask_first();
  // The signal that asked first, 0 = none.
  int received() const;
  // Whether SIGUSR1 has come since the last call.
  bool take_save_request();
};

// While it lives, SIGINT (Ctrl-C) only sets a flag. So do SIGTERM and SIGHUP, which besides ask for
// an end, before which work can be saved, unless they were ignored before; a second SIGTERM ends
// the process at once, the terminal as it was found. One at a time.
class InterruptFlag {
 public:
  InterruptFlag();
  ~InterruptFlag();
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;

  bool is_set() const;
  void clear();
  // The signal that asked for an end, 0 = none.
  int ending() const;
  // Readable while the flag is set: what waits for something else can wait for this too.
  int descriptor() const;
};

// A file that may not grow further (ulimit -f) is then an error of the write, like a full disk.
void survive_file_size_limit();

// Ends this process by that signal, as if it had never been caught: a shell then sees the truth.
[[noreturn]] void end_by_signal(int signal);

}  // namespace inkling::cli
