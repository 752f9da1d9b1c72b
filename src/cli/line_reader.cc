#include "cli/line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/limits.h"

namespace inkling::cli {

bool LineReader::wait() const {
  if (!interrupt_) return true;
  std::array<pollfd, 2> sources{{{STDIN_FILENO, POLLIN, 0}, {interrupt_->descriptor(), POLLIN, 0}}};
  while (poll(sources.data(), sources.size(), -1) < 0 && errno == EINTR) {
  }
  return sources[1].revents == 0;
}

LineReader::Result LineReader::read(std::string& line) {
  size_t searched = 0;
  while (true) {
    const size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos || (at_end_ && !buffer_.empty())) {
      line = buffer_.substr(0, end);
      buffer_.erase(0, end == std::string::npos ? end : end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return Result::line;
    }
    if (std::exchange(at_end_, false)) return Result::end;  // a terminal may go on
    if (buffer_.size() > static_cast<size_t>(limits::line_bytes)) {
      data_error("standard input: a line has more than {} MiB; give it in shorter lines",
                 limits::line_bytes >> 20);
    }
    searched = buffer_.size();
    if (!wait()) {
      buffer_.clear();  // the terminal has dropped the line too
      return Result::interrupted;
    }
    std::array<char, 4096> bytes;
    const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) data_error("cannot read standard input: {}", error_text(errno));
    at_end_ = got == 0;
    buffer_.append(bytes.data(), static_cast<size_t>(got));
  }
}

}  // namespace inkling::cli
