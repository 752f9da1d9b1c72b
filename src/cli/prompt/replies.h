#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "cli/console.h"

namespace inkling::cli {

// Who sits at the other end of a prompt.
enum class Company {
  program,  // lines from a pipe or a file
  plain,    // a person at a terminal that echoes lines by itself
  editor,   // a person whose lines an editor leaves on the screen, the cursor behind them
};

// What a prompt says beside the text itself.
class Replies {
 public:
  // console: must outlive it.
  Replies(Company company, Console& console) : company_(company), console_(console) {}

  // About what was done: below the next line where an editor is.
  void say(const std::string& sentence);
  // At once.
  void tell(const std::string& sentence);
  // The same of what could not be done.
  void fail(const std::string& sentence);
  // With options as a person at the prompt writes them: "/top-k" for "--top-k", "/n" for "-n".
  void fail(const Error& error);

  // Whether something could not be done.
  bool failed() const { return failed_; }
  // What an editor is to show below the next line.
  const std::string& status() const { return status_; }
  void set_status(std::string status) { status_ = std::move(status); }
  // What stands between the parts of such a line.
  const char* between() const { return console_.out.terminal().utf8 ? " · " : ", "; }

 private:
  const Company company_;
  Console& console_;
  bool failed_ = false;
  std::string status_;
};

}  // namespace inkling::cli
