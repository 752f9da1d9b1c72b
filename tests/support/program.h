#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace inkling::testing {

// How the real binary, or a script, is started. Its environment has PATH, HOME (the working
// folder), LANG=C.UTF-8, TERM=xterm, no place for a history, and what is given here.
struct ProgramCall {
  std::vector<std::string> arguments = {};
  std::string input = {};  // standard input, then its end
  std::map<std::string, std::string> environment = {};
  std::string folder = {};  // working folder; "" = that of the tests
  std::string output = {};  // standard output goes to this file instead
  // > 0: a terminal of that width is its standard input, output and error.
  int terminal_columns = 0;
  int terminal_rows = 24;
  bool ignore_hangup = false;
  std::string program = {};  // another one: its path; "" = inkling
};

struct ProgramResult {
  std::string out;
  std::string err;                 // on a terminal: in `out`
  int exit_code = -1;              // -1 = ended by a signal
  int signal = 0;                  // 0 = ended by itself
  bool terminal_was_sane = false;  // of its terminal at the end: see terminal_is_sane()
  long peak_kilobytes = 0;         // of memory
};

// A running inkling. Ended by force when it runs longer than eight minutes, or at destruction.
class Program {
 public:
  explicit Program(const ProgramCall& call);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const;
  pid_t pid() const { return child_; }
  // Whether a signal (Ctrl-Z) holds it; waits up to half a minute for that.
  bool wait_for_stop() const;
  // What a person types; on a terminal alone.
  void type(std::string_view keys);
  // Reads until its output has this text; false where it ends or half a minute passes before.
  bool wait_for(std::string_view text);
  // Reads what it writes, so long; false where its output has ended. What came is in output() and errors().
  bool read_for(double seconds);
  const std::string& output() const { return result_.out; }
  const std::string& errors() const { return result_.err; }
  // The terminal's other size; its programs are told.
  void resize(int columns, int rows) const;
  // Whether the terminal echoes and waits for whole lines, as a shell leaves it.
  bool terminal_is_sane() const;
  // Closes this end of its standard output: the reader has gone.
  void close_output();
  ProgramResult finish();

 private:
  using Clock = std::chrono::steady_clock;
  // Moves what can be moved; false when both outputs have ended.
  bool exchange(int milliseconds);
  void close_one(int& descriptor);

  pid_t child_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;  // a terminal is in_ and out_
  bool terminal_ = false;
  std::string input_;
  ProgramResult result_;
};

inline ProgramResult run_inkling(const ProgramCall& call) { return Program(call).finish(); }

}  // namespace inkling::testing
