#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "support/program.h"
#include "support/screen.h"

namespace inkling::testing {

// A program at a terminal whose screen is looked at. It answers what the program asks of it.
class TerminalProgram {
 public:
  explicit TerminalProgram(const ProgramCall& call, text::WidthProfile widths = {})
      : program_(call), screen_(call.terminal_columns, call.terminal_rows, widths) {}

  const Screen& screen() const { return screen_; }
  Program& program() { return program_; }
  void type(std::string_view keys) { program_.type(keys); }

  // Reads until the screen is as wished; false where half a minute passes, or the program ends,
  // before.
  bool see(const std::function<bool(const Screen&)>& wished) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (true) {
      show();
      if (wished(screen_)) return true;
      if (std::chrono::steady_clock::now() > deadline) return false;
      if (!program_.read_for(0.005)) {
        show();
        return wished(screen_);
      }
    }
  }
  bool see(std::string_view text) {
    return see([&](const Screen& screen) { return screen.all_text().find(text) != text.npos; });
  }
  // As see(), and what is on the screen where that fails.
  void require(std::string_view text) {
    const bool seen = see(text);
    REQUIRE_MESSAGE(seen, "'" << std::string(text) << "' is not on the screen:\n"
                              << screen_.all_text());
  }
  void require(const std::function<bool(const Screen&)>& wished) {
    const bool seen = see(wished);
    REQUIRE_MESSAGE(seen, "the screen is:\n" << screen_.all_text());
  }

  void resize(int columns, int rows) {
    show();
    screen_.resize(columns, rows);
    program_.resize(columns, rows);
  }
  ProgramResult finish() {
    ProgramResult result = program_.finish();
    screen_.feed(std::string_view(result.out).substr(shown_));
    shown_ = result.out.size();
    return result;
  }

 private:
  void show() {
    const std::string& output = program_.output();
    screen_.feed(std::string_view(output).substr(shown_));
    shown_ = output.size();
    program_.type(screen_.take_answers());
  }

  Program program_;
  Screen screen_;
  size_t shown_ = 0;
};

}  // namespace inkling::testing
