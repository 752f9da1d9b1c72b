#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/descriptor.h"
#include "cli/signals.h"
#include "cli/visible_text.h"

namespace inkling::cli {
namespace {

constexpr size_t buffer_size = 1 << 16;
constexpr std::chrono::milliseconds stream_interval{50};

}  // namespace

Output::Output() : terminal_(inspect_terminal(STDOUT_FILENO)) {}

int Output::columns() const { return terminal_.redraws ? terminal_columns(STDOUT_FILENO) : 0; }

void Output::text(std::string_view text) {
  if (terminal_.is_terminal) {
    print(visible(text));
  } else {
    print(text);
  }
}

void Output::print(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= buffer_size) flush();
}

void Output::stream(std::string_view piece) {
  text(piece);
  const auto now = std::chrono::steady_clock::now();
  if (terminal_.is_terminal || now - flushed_ >= stream_interval) {
    flush();
    flushed_ = now;
  }
}

void Output::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    const int error = errno;
    buffer_.clear();  // what cannot be written now must not fail again at the end
    if (error == EPIPE) end_by_signal(SIGPIPE);
    throw OutputError(fmt::format("cannot write to standard output: {}", error_text(error)));
  }
  buffer_.clear();
}

}  // namespace inkling::cli
