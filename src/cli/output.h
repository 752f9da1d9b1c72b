#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/terminal.h"

namespace inkling::cli {

// Standard output cannot be written: there is no use in going on.
class OutputError : public DataError {
 public:
  using DataError::DataError;
};

// Standard output, for results alone. Throws OutputError when it cannot be written; where its
// reader has gone the process ends by SIGPIPE, quietly.
class Output {
 public:
  Output();

  const Terminal& terminal() const { return terminal_; }
  // The terminal's columns as they are now; 0 where lines are not to be broken to fit: no terminal,
  // or a dumb one.
  int columns() const;

  // Text whose content is not ours: on a terminal it is made visible(), elsewhere it leaves byte by
  // byte as it is.
  void text(std::string_view text);
  // Our own layout, escape sequences included.
  void print(std::string_view text);
  // text(), at once on a terminal and at most 20 times a second elsewhere: for what is written bit
  // by bit.
  void stream(std::string_view text);
  void flush();

 private:
  Terminal terminal_;
  std::string buffer_;
  std::chrono::steady_clock::time_point flushed_{};
};

}  // namespace inkling::cli
