#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>

#include "support/prompt_at_terminal.h"

// The prompt and its terminal: signals, sizes, and terminals that can do little.

using namespace inkling::testing;
using namespace inkling::testing::keys;

namespace {

// A shell with job control, in which the prompt waits for its first line. "shell$ " is the shell's.
struct PromptInShell : TerminalProgram {
  explicit PromptInShell(const std::string& length, const std::string& state = "/dev/null")
      : TerminalProgram({.arguments = {"--norc", "--noprofile", "-i"},
                         .environment = {{"PS1", "shell$ "},
                                         {"INKLING_MODEL", TinyModel::get().path()},
                                         {"XDG_STATE_HOME", state}},
                         .terminal_columns = 200,
                         .program = "/bin/bash"}) {
    type("set -m; PS1='shell$ '; clear\n");
    require([](const Screen& screen) { return screen.text() == "shell$"; });
    type(std::string(INKLING_BINARY) + " prompt -q --seed 1 " + length + "\n");
    require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  }
};

}  // namespace

TEST_CASE("Ctrl-C gives a line up, or stops the model's text; Ctrl-D leaves") {
  TerminalProgram prompt(
      {.arguments = {"prompt", "-m", TinyModel::get().path(), "--seed", "1", "-n", "1000000000"},
       .terminal_columns = 80});
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  CHECK(has(prompt.screen().all_text(), "/help lists the"));
  prompt.type(ctrl_c);
  prompt.require("Ctrl-D or /quit leaves");
  prompt.type("a line\x03");
  prompt.require("> a line^C");
  prompt.type("The cat\r");
  prompt.require([](const Screen& screen) { return screen.cursor_row() > 20; });
  prompt.type(ctrl_c);
  prompt.require(" characters · ");
  prompt.type("/length 5\r");
  prompt.require("n 5");
  prompt.type(ctrl_d);
  const ProgramResult result = prompt.finish();
  CHECK(result.exit_code == 0);
  CHECK_FALSE(prompt.screen().marks_pastes());
}

TEST_CASE("the terminal is restored on every way out") {
  for (const int signal : {SIGTERM, SIGHUP, SIGQUIT, SIGSEGV}) {
    for (const bool writing : {false, true}) {
      CAPTURE(signal);
      CAPTURE(writing);
      Prompt prompt({"--seed", "1", "-n", "1000000000"});
      prompt.ready();
      CHECK_FALSE(prompt.program().terminal_is_sane());
      if (writing) {
        prompt.type("The cat\r");
        prompt.require([](const Screen& screen) { return screen.cursor_row() > 5; });
      } else {
        prompt.type("The cat");
        prompt.require([](const Screen& screen) { return screen.before_cursor() == "> The cat"; });
      }
      prompt.program().send(signal);
      const ProgramResult result = prompt.finish();
      CHECK(result.signal == signal);
      CHECK_FALSE(prompt.screen().marks_pastes());
      // A shell's prompt then begins a line, and the strip is gone.
      if (!writing) {
        CHECK(prompt.screen().cursor_column() == 0);
        CHECK(prompt.screen().text() == "> The cat");
      }
      CHECK(result.terminal_was_sane);
    }
  }
  Prompt prompt;
  prompt.ready().type("/quit\r");
  const ProgramResult result = prompt.finish();
  CHECK(result.exit_code == 0);
  CHECK(result.terminal_was_sane);
}

TEST_CASE("Ctrl-backslash ends it at once, the terminal restored") {
  Prompt prompt;
  prompt.ready().type("The cat\x1c");
  const ProgramResult result = prompt.finish();
  CHECK(result.signal == SIGQUIT);
  CHECK(result.terminal_was_sane);
  CHECK_FALSE(prompt.screen().marks_pastes());
}

TEST_CASE("an interrupt from outside gives the line up") {
  Prompt prompt;
  prompt.ready().type("a line");
  prompt.require("> a line");
  prompt.program().send(SIGINT);
  prompt.require(
      [](const Screen& screen) { return screen.row(0) == "> a line" && screen.cursor_row() == 1; });
  prompt.leave();
}

TEST_CASE("Ctrl-Z stops to the shell, and fg comes back to the line") {
  PromptInShell shell("-n 1000000000");
  shell.type("The cat sat on\x1a");
  shell.require("Stopped");
  shell.require([](const Screen& screen) { return screen.before_cursor() == "shell$ "; });
  shell.type("stty -a | grep -o ' icanon.* echo '\n");
  shell.require("icanon");
  shell.type("fg\n");
  shell.require([](const Screen& screen) { return screen.before_cursor() == "> The cat sat on"; });
  CHECK(has(shell.screen().row(shell.screen().cursor_row() - 1), "prompt -q"));
  // And in the middle of the model's text.
  shell.type("\r");
  shell.require([](const Screen& screen) { return screen.cursor_row() > 22; });
  shell.type("\x1a");
  shell.require([](const Screen& screen) { return screen.before_cursor() == "shell$ "; });
  shell.type("fg\n");
  // It has the terminal again once it goes on writing; before that, Ctrl-C would be the shell's.
  shell.require([](const Screen& screen) {
    const std::string text = screen.all_text();
    const auto after = text.begin() + static_cast<std::ptrdiff_t>(text.rfind("-n 1000000000"));
    return std::count(after, text.end(), '\n') > 4;
  });
  shell.type(ctrl_c);
  shell.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  shell.type("/quit\r");
  shell.require([](const Screen& screen) { return screen.before_cursor() == "shell$ "; });
  shell.type("exit\n");
  shell.finish();
}

TEST_CASE("a stopped prompt that is killed ends, and keeps the text") {
  const TempDir dir;
  PromptInShell shell("-n 3", dir.path());
  shell.type("The cat\r");
  shell.require([](const Screen& screen) {
    return screen.before_cursor() == "> " && has(screen.all_text(), "> The cat");
  });
  shell.type("\x1a");
  shell.require("Stopped");
  shell.require([](const Screen& screen) { return screen.before_cursor() == "shell$ "; });
  // As long as bash lists a job it has not ended.
  shell.type("kill %1; while [ -n \"$(jobs -p)\" ]; do sleep 0.1; done; echo it en''ded\n");
  shell.require("it ended");
  CHECK(bytes_of_file(dir.file("inkling/last-text.txt")).starts_with("The cat"));
  shell.type("exit\n");
  shell.finish();
}

TEST_CASE("the line is set anew when the window is resized, and nothing above it is lost") {
  const TempDir state;
  Prompt prompt({"--suggestions", "off", "--probs", "off"},
                {.environment = {{"XDG_STATE_HOME", state.path()}}});
  prompt.ready();
  prompt.type("/temp 0.5\r");
  prompt.require("temp 0.5");
  const std::string line = "A line of text that is longer than a narrow window, by some way";
  prompt.type(line);
  prompt.require(line);
  for (const int columns : {40, 20, 33, 80}) {
    CAPTURE(columns);
    prompt.resize(columns, 24);
    prompt.require([&](const Screen& screen) {
      std::string rows;
      for (int i = 1; i < 24; ++i) rows += screen.row(i);
      std::string wanted = "> " + line;
      std::erase(rows, ' ');
      std::erase(wanted, ' ');
      return rows == wanted + "temp0.5";
    });
    CHECK(prompt.screen().row(0) == "> /temp 0.5");
    const auto rows = [](const Screen& screen) {
      std::string all;
      for (int i = 0; i < 24; ++i) all += screen.row(i);
      return all;
    };
    prompt.type("!");
    prompt.require([&](const Screen& screen) { return has(rows(screen), "way!"); });
    prompt.type(backspace);
    prompt.require([&](const Screen& screen) { return !has(rows(screen), "way!"); });
  }
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("twenty columns and a locale that is not UTF-8 do") {
  Prompt prompt({"--seed", "1", "--sentences", "1"},
                {.environment = {{"LANG", "C"}, {"NO_COLOR", "1"}}, .terminal_columns = 20});
  prompt.ready().type("The cat sat on the ");
  prompt.require([](const Screen& screen) {
    return screen.row(0) == "> The cat sat on the" && screen.cursor_row() == 1 &&
           has(screen.text(), "%");
  });
  CHECK_FALSE(has(prompt.program().output(), "38;5"));
  prompt.type("\t");
  prompt.require([](const Screen& screen) { return screen.cursor_column() > 1; });
  prompt.type("\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  for (int i = 0; i < 24; ++i) CHECK(prompt.screen().row(i).size() <= 20);
  prompt.leave();
}

TEST_CASE("without a locale in UTF-8 there is nothing beyond ASCII in what is said") {
  for (const char* locale : {"C", ""}) {
    CAPTURE(std::string(locale));
    Prompt prompt({"--seed", "1"}, {.environment = {{"LANG", locale}}});
    prompt.ready().type("The cat\r");
    prompt.require(" characters, ");
    prompt.leave();
  }
}

TEST_CASE("a line from a pipe stands out from the model's text on a terminal") {
  const TinyModel& tiny = TinyModel::get();
  const std::string text = tiny.run("generate", {"--seed", "1", "-n", "20", "-p", "The cat"}).out;
  TerminalProgram shell(
      {.arguments = {"-c", "echo The cat | " INKLING_BINARY " prompt -q --seed 1 -n 20 -m " +
                               tiny.path()},
       .terminal_columns = 80,
       .program = "/bin/bash"});
  CHECK(shell.finish().exit_code == 0);
  CHECK(shell.screen().row(0) == text.substr(0, text.find('\n')));
  CHECK(shell.screen().style_of("The cat") == "1");
  CHECK(shell.screen().style_of(text.substr(7, 5)).empty());
}

TEST_CASE("a dumb terminal, and output that is no terminal, get plain lines") {
  const TinyModel& tiny = TinyModel::get();
  const std::string text = tiny.run("generate", {"--seed", "1", "-n", "20", "-p", "The cat"}).out;
  {
    TerminalProgram dumb({.arguments = {"prompt", "-m", tiny.path(), "--seed", "1", "-n", "20"},
                          .environment = {{"TERM", "dumb"}},
                          .terminal_columns = 80});
    dumb.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
    CHECK(dumb.program().terminal_is_sane());
    dumb.type("begun, \x04");  // in the middle of a line it sends what there is
    dumb.program().read_for(0.05);
    dumb.type("given up\x03");
    dumb.require("\nCtrl-D or /quit leaves.\n>");
    dumb.type("The cat\n");
    dumb.require("seed 1");
    dumb.type("/undo\n");
    dumb.require("taken back");
    dumb.type(ctrl_d);
    const ProgramResult result = dumb.finish();
    CHECK(result.exit_code == 0);
    CHECK(has(dumb.screen().all_text(), "> The cat\n" + text));
    CHECK_FALSE(has(result.out, "\033"));
  }
  const TempDir dir;
  TerminalProgram half({.arguments = {"prompt", "-m", tiny.path(), "--seed", "1", "-n", "20"},
                        .output = dir.file("out"),
                        .terminal_columns = 80});
  half.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  half.type("The cat\n");
  half.require("seed 1");
  half.type(ctrl_d);
  CHECK(half.finish().exit_code == 0);
  CHECK(bytes_of_file(dir.file("out")) == text);
}

TEST_CASE("a terminal that goes away ends the session") {
  Prompt prompt;
  prompt.ready().type("The cat");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> The cat"; });
  prompt.program().close_output();
  CHECK(prompt.program().finish().signal == SIGHUP);
}
