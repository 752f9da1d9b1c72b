#pragma once

#include <string>

#include "cli/signals.h"

namespace inkling::cli {

// Lines of standard input.
class LineReader {
 public:
  enum class Result { line, interrupted, end };

  // interrupt: cuts waiting for a line short; may be nullptr. It must outlive this.
  explicit LineReader(const InterruptFlag* interrupt) : interrupt_(interrupt) {}

  // The next line without its line end; a last line may lack that. Throws DataError when it cannot
  // be read, or has no end within limits::line_bytes.
  Result read(std::string& line);

 private:
  // Until there is something to read; false where Ctrl-C came first.
  bool wait() const;

  const InterruptFlag* interrupt_;
  std::string buffer_;
  bool at_end_ = false;
};

}  // namespace inkling::cli
