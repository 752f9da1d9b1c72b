#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "cli/user_folders.h"

namespace inkling::cli {
namespace {

constexpr int least_width = 20;

// As setlocale would decide, without touching the process's locale: numbers must not depend on it.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = environment(name);
    if (value.empty()) continue;
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

bool has_many_colors() {
  if (!environment("COLORTERM").empty()) return true;
  const std::string type = environment("TERM");
  const std::array names{"256color", "direct", "kitty", "alacritty", "ghostty", "foot", "wezterm"};
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return type.find(name) != std::string::npos; });
}

}  // namespace

int terminal_width(int descriptor) { return std::max(terminal_columns(descriptor), least_width); }

int terminal_columns(int descriptor) {
  const std::string columns = environment("COLUMNS");
  int width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  winsize size{};
  if (width <= 0 && ioctl(descriptor, TIOCGWINSZ, &size) == 0) width = size.ws_col;
  return width <= 0 ? 80 : width;
}

Terminal inspect_terminal(int descriptor) {
  Terminal terminal;
  terminal.is_terminal = isatty(descriptor) == 1;
  terminal.redraws = terminal.is_terminal && environment("TERM") != "dumb";
  terminal.color = terminal.redraws && environment("NO_COLOR").empty();
  terminal.many_colors = terminal.color && has_many_colors();
  terminal.utf8 = !terminal.is_terminal || locale_is_utf8();
  terminal.width = terminal_width(descriptor);
  return terminal;
}

}  // namespace inkling::cli
