#pragma once

#include <string>

namespace inkling::cli {

// Lines of standard input, for a program that Ctrl-C interrupts but does not end (see
// InterruptFlag).
class LineReader {
 public:
  enum class Result { line, interrupted, end };

  // The next line without its line feed; a last line may lack that. Throws DataError when it cannot
  // be read.
  Result read(std::string& line);

 private:
  std::string buffer_;
  bool at_end_ = false;
};

}  // namespace inkling::cli
