#include <doctest/doctest.h>

#include <csignal>

#include "support/terminal_program.h"
#include "support/tiny_model.h"
#include "text/caret.h"

// The prompt at a terminal, as a person sees it.

using namespace inkling::testing;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr std::string_view up = "\033[A", left = "\033[D", right = "\033[C", end = "\033[F",
                           back_tab = "\033[Z", ctrl_c = "\x03", ctrl_d = "\x04", ctrl_r = "\x12",
                           backspace = "\x7f";

// A home of its own for each session, unless tests share one.
struct Prompt : TerminalProgram {
  explicit Prompt(std::vector<std::string> options = {}, ProgramCall call = {},
                  inkling::text::WidthProfile widths = {})
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
    type(ctrl_d);
    const ProgramResult result = finish();
    CHECK(result.exit_code == 0);
    CHECK(screen().unknown().empty());
    CHECK_FALSE(screen().marks_pastes());
  }
};

}  // namespace

TEST_CASE("the model's own continuation stands in grey behind what is typed") {
  Prompt prompt({}, {.environment = {{"TERM", "xterm-256color"}}});
  prompt.ready();
  CHECK(prompt.screen().marks_pastes());
  prompt.type("The cat sat on the ");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> The cat sat on the " && screen.row(0).ends_with(".");
  });
  CHECK(prompt.screen().style_of("The cat").empty());
  const std::string ghost = prompt.screen().row(0).substr(21);
  CHECK(prompt.screen().style_of(ghost) == "38;5;245");
  // Tab takes its first word, End the rest.
  prompt.type("\t");
  const std::string word = ghost.substr(0, ghost.find('.'));
  prompt.require([&](const Screen& screen) {
    return screen.before_cursor() == "> The cat sat on the " + word &&
           screen.style_of(word).empty();
  });
  prompt.require([&](const Screen& screen) { return has(screen.row(0), word + "."); });
  prompt.type(end);
  prompt.require([&](const Screen& screen) {
    return screen.before_cursor().starts_with("> The cat sat on the " + word + ".");
  });
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("below it stand the words and their probabilities, and Shift-Tab goes through them") {
  Prompt prompt;
  prompt.ready();
  prompt.type("The cat sat on the ");
  const auto first_of = [](const std::string& strip) {
    return strip.size() < 3 ? "?" : strip.substr(2, strip.find(' ', 2) - 2);
  };
  prompt.require([&](const Screen& screen) {
    return screen.row(0).starts_with("> The cat sat on the " + first_of(screen.row(1)));
  });
  const std::string first = first_of(prompt.screen().row(1));
  CHECK(prompt.screen().style_of(first + " ") != "");
  prompt.type(back_tab);
  prompt.require([&](const Screen& screen) { return !has(screen.row(0), "the " + first); });
  const std::string second = prompt.screen().row(0).substr(21);
  CHECK(has(prompt.screen().row(1), second.substr(0, second.find('.'))));
  prompt.type("\t");
  prompt.require([&](const Screen& screen) {
    return screen.before_cursor() == "> The cat sat on the " + second.substr(0, second.find('.'));
  });
  // The strip is a setting.
  prompt.type("\x15/probs\r");
  prompt.require("probs off");
  prompt.type("The cat sat on the ");
  prompt.require([](const Screen& screen) {
    return has(screen.row(screen.cursor_row()), "the ") &&
           screen.row(screen.cursor_row()).ends_with(".");
  });
  CHECK_FALSE(has(prompt.screen().row(prompt.screen().cursor_row() + 1), "%"));
  prompt.type("\x15");
  prompt.leave();
}

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
  const std::string seed = status.substr(at, status.find('\n', at) - at);
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

TEST_CASE("an interrupt from outside gives the line up") {
  Prompt prompt;
  prompt.ready().type("a line");
  prompt.require("> a line");
  prompt.program().send(SIGINT);
  prompt.require("> a line^C");
  prompt.leave();
}

TEST_CASE("Ctrl-Z stops to the shell, and fg comes back to the line") {
  const TinyModel& tiny = TinyModel::get();
  TerminalProgram shell({.arguments = {"--norc", "--noprofile", "-i"},
                         .environment = {{"PS1", "shell$ "}, {"INKLING_MODEL", tiny.path()}},
                         .terminal_columns = 200,
                         .program = "/bin/bash"});
  shell.type("set -m; PS1='shell$ '; clear\n");
  shell.require([](const Screen& screen) { return screen.text() == "shell$"; });
  shell.type(std::string(INKLING_BINARY) + " prompt -q --seed 1 -n 1000000000\n");
  shell.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
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
  shell.require([](const Screen& screen) { return screen.before_cursor() != "shell$ "; });
  shell.program().read_for(0.05);
  shell.type(ctrl_c);
  shell.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  shell.type("/quit\r");
  shell.require([](const Screen& screen) { return screen.before_cursor() == "shell$ "; });
  shell.type("exit\n");
  shell.finish();
}

TEST_CASE("the line is set anew when the window is resized, and nothing above it is lost") {
  Prompt prompt({"--suggestions", "off", "--probs", "off"});
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

TEST_CASE("a paste keeps its lines, and control characters never reach the terminal") {
  Prompt prompt({"--seed", "1", "-n", "1", "--suggestions", "off", "--probs", "off"});
  prompt.ready();
  prompt.type("\033[200~one\r\ntwo \033]0;title\x07 \u202e three\033[201~");
  prompt.require("  two \\x1b]0;title\\x07 \\u202e three");
  CHECK_FALSE(has(prompt.program().output(), "\033]"));
  CHECK_FALSE(has(prompt.program().output(), "\u202e"));
  prompt.type("\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  prompt.type("/show\r");
  prompt.require("\none\ntwo \\x1b]0;title");
  prompt.leave();
  CHECK_FALSE(has(prompt.program().output(), "\033]"));
}

TEST_CASE("lines can be written over several rows by hand") {
  Prompt prompt;
  prompt.ready().type("one\ntwo\033\rthree");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "  three"; });
  CHECK(prompt.screen().row(0) == "> one");
  CHECK(prompt.screen().row(1) == "  two");
  prompt.type(std::string(up) + std::string(up) + "!");
  prompt.require("> one!");
  prompt.type(ctrl_c);
  prompt.leave();
}

TEST_CASE("a megabyte is pasted, edited and written on from") {
  Prompt prompt({"--seed", "1", "-n", "5"});
  prompt.ready();
  std::string text;
  while (text.size() < (size_t{1} << 20)) text += "The cat sat on the mat, นั่งบนเสื่อ.\n";
  prompt.type("\033[200~" + text + "\033[201~");
  prompt.require([](const Screen& screen) {
    return screen.cursor_column() == 2 && has(screen.text(), "เสื่อ");
  });
  prompt.type("The end");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "  The end"; });
  prompt.type(std::string(up) + "\x01\x0bnew ");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "  new "; });
  prompt.type("\r");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
  const TempDir dir;
  prompt.type("/save " + dir.file("big") + "\r");
  prompt.require([](const Screen& screen) { return has(screen.text(), "  saved "); });
  prompt.leave();
  const std::string saved = bytes_of_file(dir.file("big"));
  const size_t last_line = text.size() - 1 - std::string("The cat sat on the mat, นั่งบนเสื่อ.").size();
  CHECK(saved.starts_with(text.substr(0, last_line) + "new \nThe end"));
}

TEST_CASE("any script is edited with the cursor where it belongs, however wide it is drawn") {
  const std::vector<inkling::text::WidthProfile> terminals{
      {},
      {.spacing_mark = 0, .conjunct = 0},
      {.joined_emoji = 2, .emoji_modifier = 2, .emoji_selector = 0}};
  for (const auto& widths : terminals) {
    Prompt prompt({"--suggestions", "off", "--probs", "off"}, {}, widths);
    prompt.ready();
    for (const std::string word : {"ภาษาไทยที่กำ", "हिन्दी में क्षि", "👩‍🚀👍🏽❤️🇩🇪",
                                   "日本語と한국어", "e\u0301tude", "עברית\u200f"}) {
      CAPTURE(word);
      prompt.type(word + "|");
      const auto column = [&](const std::string& text) {
        return 2 + static_cast<int>(inkling::text::display_width(text, widths));
      };
      prompt.require([&](const Screen& screen) {
        return has(screen.text(), "> " + word + "|") &&
               screen.cursor_column() == column(word + "|");
      });
      prompt.type(backspace);
      prompt.type(left);
      prompt.type("_");
      const size_t last = inkling::text::previous_cluster(word, word.size());
      const std::string changed = word.substr(0, last) + "_" + word.substr(last);
      prompt.require([&](const Screen& screen) {
        return has(screen.text(), "> " + changed) &&
               screen.cursor_column() == column(word.substr(0, last) + "_");
      });
      prompt.type("\x05\x15");
      prompt.require([&](const Screen& screen) { return !has(screen.text(), "_"); });
    }
    prompt.leave();
  }
}

TEST_CASE("the history lasts from one session to the next, and is searched") {
  const TempDir dir;
  const ProgramCall call{.environment = {{"XDG_STATE_HOME", dir.path()}}};
  {
    Prompt prompt({"--seed", "1", "-n", "3"}, call);
    prompt.ready().type("The cat\r");
    prompt.require([](const Screen& screen) { return screen.cursor_row() > 0; });
    prompt.type("The dog\nwith two lines\r");
    prompt.require("two lines");
    prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
    prompt.leave();
  }
  CHECK(bytes_of_file(dir.file("inkling/history")) == "The cat\nThe dog\\nwith two lines\n");
  Prompt prompt({}, call);
  prompt.ready().type(up);
  prompt.require("  with two lines");
  prompt.type(std::string(up) + std::string(up));
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> The cat"; });
  prompt.type(std::string(ctrl_r) + "dog");
  prompt.require("search: dog");
  CHECK(prompt.screen().row(0) == "> The dog");
  prompt.type("\x07");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> The cat"; });
  prompt.type("\x15");
  prompt.leave();
}

TEST_CASE("commands are explained and completed as they are typed") {
  const TinyModel& tiny = TinyModel::get();
  const TempDir dir;
  dir.write("notes/first.txt", "");
  dir.write("notes/second.txt", "");
  Prompt prompt({}, {.folder = dir.path()});
  prompt.ready().type("/te");
  prompt.require("/temp X: temperature");
  CHECK(prompt.screen().row(0) == "> /temp");
  prompt.type("\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /temp "; });
  prompt.type("\x15/lo\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /load "; });
  prompt.type("\x15/top\t\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /top-k "; });
  CHECK(has(prompt.screen().row(1), "/top-p"));
  prompt.type("\x15/save no\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> /save notes/"; });
  prompt.type("\t\t");
  prompt.require("first.txt  second.txt");
  prompt.require(
      [](const Screen& screen) { return screen.before_cursor() == "> /save notes/second.txt"; });
  prompt.type("\x15/shade \t");
  prompt.require("  off  on");
  prompt.type("\x15/nothing here\r");
  prompt.require("there is no /nothing");
  prompt.type("/load " + tiny.path() + "\r");
  prompt.require("the model is now");
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
  prompt.type("\x15/regen\r");
  prompt.require([](const Screen& screen) {
    return screen.before_cursor() == "> " && has(screen.text(), "\nThe cat");
  });
  prompt.leave();
}

TEST_CASE("a word taken into an empty line goes straight on, and the marker says so") {
  Prompt prompt({"--seed", "1", "--words", "2"});
  prompt.ready().type("The cat sat\r");
  prompt.require(" characters ");
  prompt.require([](const Screen& screen) { return screen.row(screen.cursor_row()).size() > 3; });
  prompt.type("\t");
  prompt.require([](const Screen& screen) { return screen.before_cursor().starts_with("… "); });
  prompt.type("\x15");
  prompt.require([](const Screen& screen) { return screen.before_cursor() == "> "; });
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
    dumb.type("The cat\n");
    dumb.require("seed 1");
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
