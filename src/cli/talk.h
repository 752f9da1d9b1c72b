#pragma once

#include <string>
#include <string_view>

#include "cli/terminal.h"

namespace inkling::cli {

// Standard error: everything that is no result. That nobody reads it is no failure.
class Talk {
 public:
  Talk();
  ~Talk() { clear_status(); }
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  const Terminal& terminal() const { return terminal_; }
  void set_quiet(bool quiet) { quiet_ = quiet; }
  bool quiet() const { return quiet_; }

  // Lines for the user, on a terminal visible() and broken between words, but for those that are
  // indented; nothing when quiet.
  void say(std::string_view lines);
  // Said even when quiet.
  void insist(std::string_view lines);
  // A question whose answer follows on its line; said even when quiet.
  void ask(std::string_view question);
  // The line at the bottom that is drawn over, on terminals that can; elsewhere, and when quiet,
  // nothing. What is wider than the terminal is cut.
  void status(std::string_view line);
  void clear_status();

 private:
  Terminal terminal_;
  bool quiet_ = false;
  bool status_shown_ = false;
};

}  // namespace inkling::cli
