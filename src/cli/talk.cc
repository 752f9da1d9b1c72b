#include "cli/talk.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cli/layout.h"
#include "cli/visible_text.h"

namespace inkling::cli {
namespace {

void write_to_stderr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
}

// Lines that are wider than a terminal, between words; but for what is indented: a table, or
// something to be copied.
std::string wrapped(const std::string& lines, int width) {
  std::string result;
  for (size_t at = 0; at < lines.size();) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string_view line = std::string_view(lines).substr(at, end - at);
    result += line.starts_with(' ') ? line : wrap(line, width, 0);
    if (end < lines.size()) result += '\n';
    at = end + 1;
  }
  return result;
}

}  // namespace

Talk::Talk() : terminal_(inspect_terminal(STDERR_FILENO)) {}

void Talk::say(std::string_view lines) {
  if (!quiet_) insist(lines);
}

void Talk::insist(std::string_view lines) {
  clear_status();
  std::string text = terminal_.is_terminal ? wrapped(visible(lines), terminal_width(STDERR_FILENO))
                                           : std::string(lines);
  if (text.empty() || text.back() != '\n') text += '\n';
  write_to_stderr(text);
}

void Talk::ask(std::string_view question) {
  clear_status();
  write_to_stderr(question);
}

void Talk::status(std::string_view line) {
  if (quiet_ || !terminal_.redraws) return;
  write_to_stderr("\r" +
                  cut(line, terminal_columns(STDERR_FILENO) - 1, terminal_.utf8 ? "…" : "...") +
                  "\033[K");
  status_shown_ = true;
}

void Talk::clear_status() {
  if (status_shown_) write_to_stderr("\r\033[K");
  status_shown_ = false;
}

}  // namespace inkling::cli
