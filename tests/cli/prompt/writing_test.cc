#include <doctest/doctest.h>
#include <fmt/format.h>

#include <csignal>

#include "support/prompt_at_terminal.h"

// What the model writes at the prompt.

using namespace inkling::testing;
using namespace inkling::testing::keys;

TEST_CASE("Enter lets the model write behind the line, and the seed repeats it") {
  const TinyModel& tiny = TinyModel::get();
  const std::string text =
      tiny.run("generate", {"-p", "The cat", "--seed", "5", "--sentences", "2"}).out;
  Prompt prompt({"--seed", "5", "--sentences", "2"}, {.terminal_columns = 200});
  prompt.ready().type("The cat\r");
  prompt.require([](const Screen& screen) { return screen.cursor_row() > 0; });
  prompt.require("> " + text.substr(0, text.find('\n')));
  CHECK(prompt.screen().style_of("The cat") == "1");
  CHECK(prompt.screen().style_of(text.substr(7, 5)).empty());
  prompt.type(ctrl_d);
  CHECK(prompt.finish().exit_code == 0);
  CHECK(has(prompt.screen().all_text(), "> " + text));

  // The status line names the seed, and that seed writes the same text again.
  TerminalProgram talk(
      {.arguments = {"prompt", "-m", tiny.path(), "--sentences", "2"}, .terminal_columns = 200});
  talk.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  talk.type("The dog\r");
  talk.require(" characters · ");
  const std::string status = talk.screen().all_text();
  const size_t at = status.find("seed ") + 5;
  const std::string seed = status.substr(at, status.find(' ', at) - at);
  CHECK(seed.size() <= 6);
  CHECK(has(status, "char/s"));
  const std::string again =
      tiny.run("generate", {"-p", "The dog", "--seed", seed, "--sentences", "2"}).out;
  CHECK(has(status, "> " + again));
  talk.type("/undo\r\x15/seed " + seed + "\rThe dog\r");
  talk.require([&](const Screen& screen) {
    const std::string all = screen.all_text();
    return all.find("> " + again) != all.rfind("> " + again);
  });
  talk.type(ctrl_d);
  CHECK(talk.finish().exit_code == 0);
}

TEST_CASE("what is typed while the model writes is not echoed and is the next line") {
  Prompt prompt({"--seed", "1", "-n", "1000000000"});
  prompt.ready();
  prompt.type("The cat\r");
  prompt.require([](const Screen& screen) { return screen.cursor_row() > 5; });
  prompt.type("typed ahead");
  prompt.program().read_for(0.05);
  prompt.program().send(SIGINT);
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> typed ahead"; });
  const std::string all = prompt.screen().all_text();
  CHECK(all.find("typed ahead") == all.rfind("typed ahead"));
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("Ctrl-C stops the model's text, not what was typed ahead") {
  Prompt prompt({"--seed", "1", "-n", "1000000000"});
  prompt.ready().type("The cat\r");
  prompt.require([](const Screen& screen) { return screen.cursor_row() > 10; });
  prompt.type("typed ahead");
  prompt.type(keys::ctrl_c);
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> typed ahead"; });
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("a turn that is taken back is in the line again") {
  Prompt prompt({"--seed", "1", "--sentences", "1"});
  prompt.ready().type("The cat\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.type("The dog\r");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> " && has(screen.text(), "> The dog");
  });
  prompt.type("/undo\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> The dog"; });
  // A setting in between leaves it there, Ctrl-C does not.
  prompt.type("/temp 0.5\r");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> The dog" && has(screen.text(), "temp 0.5");
  });
  prompt.type("/open /nowhere\r");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> The dog" && has(screen.text(), "/nowhere: ");
  });
  prompt.type(ctrl_c);
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.type("/regen\r");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> " && has(screen.text(), "\nThe cat");
  });
  prompt.leave();
}

TEST_CASE("behind a full row the model's text does not begin with its blank") {
  Prompt prompt({"--temp", "0", "-n", "12", "--suggestions", "off", "--probs", "off"},
                {.terminal_columns = 13});
  prompt.ready().type("The cat sat\r");
  prompt.require([](const Screen& screen) {
    return screen.cursor_row() > 1 && screen.before_cursor() == "> ";
  });
  CHECK(prompt.screen().row(0) == "> The cat sat");
  CHECK(prompt.screen().row(1) == "on the mat.");
  prompt.type("/show\r");
  prompt.require("\nThe cat sat\non the mat.");
  prompt.leave();
}

TEST_CASE("a word that was begun by hand stays whole where the line is shown again") {
  Prompt prompt({"--seed", "1", "--temp", "0", "-n", "6", "--suggestions", "off", "--probs", "off"},
                {.terminal_columns = 16});
  prompt.ready().type("The dog sat on t");
  prompt.require([](const Screen& screen) { return screen.cursor_column() == 2; });
  prompt.type("\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.type("/regen\r");
  prompt.require("\nThe dog sat on\nthe mat");
  prompt.leave();
}

TEST_CASE("what a command has to say begins a line") {
  Prompt prompt({}, {.terminal_columns = 200});
  prompt.ready();
  for (const auto& row : std::vector<std::pair<std::string, std::string>>{
           {"/save /nowhere/x", "there is nothing to save"},
           {"/save-model x", "nothing is being learned"},
           {"/load /nowhere/x", "there is no model file"},
           {"/temp", "/temp 0.8: temperature"},
           {"/help temp", "/temp X: temperature"},
           {"/help /undo", "/undo: take back the last line"},
           {"/help /exit", "/quit: leave"},
           {"/help tmep", "there is no /tmep; did you mean '/temp'?"},
           {"/temp hot", "/temp: 'hot' is no number"}}) {
    const auto& [command, answer] = row;
    CAPTURE(row.first);
    prompt.type(command + "\r");
    prompt.require(fmt::format("> {}\n{}", command, answer));
    prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  }
  prompt.leave();
}

TEST_CASE("/help lists the keys too") {
  Prompt prompt({}, {.terminal_columns = 200});
  prompt.ready().type("/help\r");
  prompt.require("\n  Ctrl-L, Ctrl-Z, Ctrl-D\n");
  const std::string all = prompt.screen().all_text();
  CHECK(has(all, "  /quit                 leave; so does Ctrl-D\n"));
  CHECK(has(all, "\nKeys:\n  Tab, Right            take a word of the grey text;"));
  prompt.leave();
}

TEST_CASE("shading colours what the model did not expect, where there are colours") {
  const TinyModel& tiny = TinyModel::get();
  const std::vector<std::string> options{"--seed", "1", "--temp", "1.5", "--shade", "on"};
  Prompt prompt(options, {.environment = {{"COLORTERM", "truecolor"}}, .terminal_columns = 400});
  prompt.ready().type("The cat\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.leave();
  CHECK(has(prompt.program().output(), "\033[38;5;245m"));
  CHECK(has(prompt.program().output(), "\033[38;5;178m"));
  // The text itself is the same.
  const std::string text =
      tiny.run("generate", {"--seed", "1", "--temp", "1.5", "--sentences", "3", "-p", "The cat"})
          .out;
  CHECK(has(prompt.screen().all_text(), "> " + text.substr(0, text.find_last_not_of(" \n"))));
  Prompt plain(options, {.environment = {{"COLORTERM", "truecolor"}, {"NO_COLOR", "1"}}});
  plain.ready().type("The cat\r");
  plain.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  plain.leave();
  CHECK_FALSE(has(plain.program().output(), "38;5"));
  Prompt few;
  few.ready().type("/shade on\r");
  few.require("shade on, but this terminal has no 256 colours");
  few.leave();
}

TEST_CASE("what the model does not know stands below its text, before what may be cut") {
  Prompt prompt({"--seed", "3", "-n", "5"}, {.terminal_columns = 50});
  prompt.ready().type("a ☃\r");
  prompt.require("5 characters · seed 3 · unknown ☃ -> <unk>");
  prompt.leave();
  // One more is said though five are known by now.
  Prompt wide({"--seed", "3", "-n", "5"}, {.terminal_columns = 150});
  wide.ready().type("αβγδε\r");
  wide.require("ε -> <unk>");
  wide.type("αβγδεζ\r");
  wide.require("unknown ζ -> <unk>");
  wide.leave();
}
