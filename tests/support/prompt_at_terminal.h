#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/terminal_program.h"
#include "support/tiny_model.h"

namespace inkling::testing {

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// What a terminal sends.
namespace keys {
inline constexpr std::string_view up = "\033[A", left = "\033[D", right = "\033[C", end = "\033[F",
                                  back_tab = "\033[Z", ctrl_c = "\x03", ctrl_d = "\x04",
                                  ctrl_r = "\x12", backspace = "\x7f";
}  // namespace keys

// The prompt at a terminal, as a person sees it. A home of its own for each session, unless tests
// share one.
struct Prompt : TerminalProgram {
  explicit Prompt(std::vector<std::string> options = {}, ProgramCall call = {},
                  text::WidthProfile widths = {})
      : TerminalProgram(call_of(std::move(options), std::move(call)), widths) {}

  static ProgramCall call_of(std::vector<std::string> options, ProgramCall call) {
    const TinyModel& tiny = TinyModel::get();
    call.arguments = {"prompt", "-m", tiny.path()};
    call.arguments.insert(call.arguments.end(), options.begin(), options.end());
    if (call.terminal_columns == 0) call.terminal_columns = 80;
    return call;
  }
  // Until the first line is waited for; what was said before it is wiped away.
  Prompt& ready() {
    require([](const Screen& screen) { return screen.before_cursor() == "> "; });
    type("\x0c");
    require([](const Screen& screen) {
      return screen.cursor_row() == 0 && screen.before_cursor() == "> ";
    });
    return *this;
  }
  // Leaves, and checks how.
  void leave() {
    type(keys::ctrl_d);
    const ProgramResult result = finish();
    CHECK(result.exit_code == 0);
    CHECK(screen().unknown().empty());
    CHECK_FALSE(screen().marks_pastes());
  }
};

}  // namespace inkling::testing
