#include "cli/shell/init_script.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "support/terminal_program.h"
#include "support/tiny_model.h"

// Alt-I at a shell's own prompt.

using namespace inkling;
using namespace inkling::testing;

namespace {

struct ShellAtWork {
  std::string name;
  std::vector<std::string> arguments;
  std::string start;  // typed first
};

const std::vector<ShellAtWork>& shells() {
  static const std::vector<ShellAtWork> all{
      {"bash", {"--norc", "--noprofile", "-i"}, "PS1='%% '; source ./init; clear\n"},
      {"zsh", {"-f", "-i"}, "PS1='%%%% '; unsetopt beep; source ./init; clear\n"},
      {"fish",
       {"--no-config", "-i"},
       "function fish_prompt; echo -n '%% '; end; set fish_greeting; source ./init; clear\n"},
  };
  return all;
}

std::string path_of(const std::string& shell) {
  for (const char* folder : {"/bin/", "/usr/bin/"}) {
    if (std::filesystem::exists(folder + shell)) return folder + shell;
  }
  return "";
}

// A shell that has read the script, with an empty screen.
struct Shell {
  Shell(const ShellAtWork& shell, const std::string& script, const std::string& model)
      : terminal(call_of(shell, script, model)) {
    terminal.type(shell.start);
    terminal.require([](const Screen& screen) {
      return screen.cursor_row() == 0 && screen.before_cursor() == "%% ";
    });
  }
  ProgramCall call_of(const ShellAtWork& shell, const std::string& script,
                      const std::string& model) const {
    dir.write("init", script);
    const std::string folder = std::filesystem::path(INKLING_BINARY).parent_path().string();
    return {.arguments = shell.arguments,
            .environment = {{"INKLING_MODEL", model},
                            {"PATH", folder + ":/usr/bin:/bin"},
                            {"XDG_CONFIG_HOME", dir.path()},
                            {"XDG_DATA_HOME", dir.path()}},
            .folder = dir.path(),
            .terminal_columns = 80,
            .program = path_of(shell.name)};
  }
  void require_line(const std::string& line) {
    terminal.require([&](const Screen& screen) { return screen.before_cursor() == "%% " + line; });
  }

  TempDir dir;
  TerminalProgram terminal;
};

std::string script_of(const std::string& shell, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"shell-init", shell});
  const ProgramResult result = run_inkling({.arguments = more});
  REQUIRE(result.exit_code == 0);
  return result.out;
}

std::string next_word(const std::string& text) {
  const ProgramResult result = TinyModel::get().run("complete", {"--insert", "-k", "1", text});
  return result.out.substr(0, result.out.find('\n'));
}

}  // namespace

TEST_CASE("Alt-I writes the next word, in the middle of a line too, and again behind it") {
  const std::string first = next_word("The cat sat on the");
  const std::string second = next_word("The cat sat on the" + first);
  REQUIRE(first.size() > 2);
  for (const ShellAtWork& shell : shells()) {
    if (path_of(shell.name).empty()) {
      MESSAGE(shell.name << " is not installed: not tested");
      continue;
    }
    CAPTURE(shell.name);
    Shell running(shell, script_of(shell.name), TinyModel::get().path());
    running.terminal.type("The cat sat on the");
    running.require_line("The cat sat on the");
    running.terminal.type("\033i");
    running.require_line("The cat sat on the" + first);
    if (!second.empty()) {
      running.terminal.type("\033i");
      running.require_line(fmt::format("The cat sat on the{}{}", first, second));
    }
    // Before the last word, with letters of two bytes in front.
    running.terminal.type("\x05\x15\xc3\xa9\xc3\xa9 The cat sat on the END\002\002\002\002");
    running.require_line("éé The cat sat on the");
    const std::string inner = next_word("éé The cat sat on the");
    running.terminal.type("\033i");
    running.require_line("éé The cat sat on the" + inner);
    running.terminal.require([&](const Screen& screen) {
      return screen.row(screen.cursor_row()).ends_with(inner + " END");
    });
  }
}

TEST_CASE("without a model nothing happens, and nothing is said") {
  for (const ShellAtWork& shell : shells()) {
    if (path_of(shell.name).empty()) continue;
    CAPTURE(shell.name);
    Shell running(shell, script_of(shell.name), "/nowhere/model.safetensors");
    running.terminal.type("The cat");
    running.require_line("The cat");
    running.terminal.type("\033i");
    running.terminal.type(" sat");
    running.require_line("The cat sat");
    CHECK(running.terminal.screen().text() == "%% The cat sat");
  }
}

TEST_CASE("a lone hyphen is not taken for standard input, nor an option for one") {
  for (const ShellAtWork& shell : shells()) {
    if (path_of(shell.name).empty()) continue;
    CAPTURE(shell.name);
    Shell running(shell, script_of(shell.name), TinyModel::get().path());
    running.terminal.type("-\033i!");
    running.require_line("-!");
    running.terminal.type("\x15--help The cat sat on the");
    running.require_line("--help The cat sat on the");
    running.terminal.type("\033i");
    running.require_line("--help The cat sat on the" + next_word("  The cat sat on the"));
  }
}

TEST_CASE("a model whose name has blanks and quotes is found from any folder") {
  const TempDir dir;
  const std::string name = "it's a \"model\" $HOME.safetensors";
  std::filesystem::copy_file(TinyModel::get().path(), dir.file(name));
  for (const ShellAtWork& shell : shells()) {
    if (path_of(shell.name).empty()) continue;
    CAPTURE(shell.name);
    const ProgramResult script =
        run_inkling({.arguments = {"shell-init", shell.name, "-m", name}, .folder = dir.path()});
    CHECK(script.err.empty());
    Shell running(shell, script.out, "/nowhere/model.safetensors");
    running.terminal.type("The cat sat on the\033i");
    running.require_line("The cat sat on the" + next_word("The cat sat on the"));
  }
}

TEST_CASE("a model that is not there is named, and the script is made all the same") {
  const ProgramResult script = run_inkling({.arguments = {"shell-init", "bash", "-m", "missing"}});
  CHECK(script.exit_code == 0);
  CHECK(script.err.find("there is no model 'missing'") != std::string::npos);
  CHECK(script.out.find("-m 'missing' --") != std::string::npos);
}

TEST_CASE("a model is named in the script, with what is special to a shell quoted") {
  CHECK(cli::init_script(cli::Shell::bash, "it's").find("-m 'it'\\''s' --") != std::string::npos);
  CHECK(cli::init_script(cli::Shell::zsh, "a b").find("-m 'a b' --") != std::string::npos);
  CHECK(cli::init_script(cli::Shell::fish, "it's\\").find("-m 'it\\'s\\\\' --") !=
        std::string::npos);
  CHECK(cli::init_script(cli::Shell::fish, "").find(" -m ") == std::string::npos);
}

TEST_CASE("complete --insert prints what to append, and stands alone") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult three = tiny.run("complete", {"--insert", "-k", "3", "The cat sat on the "});
  CHECK(three.exit_code == 0);
  CHECK(three.err.empty());
  CHECK(std::count(three.out.begin(), three.out.end(), '\n') == 3);
  // The word as it stands, the most probable one, has nothing to append.
  const std::string shipped = INKLING_SOURCE_FOLDER "/models/english.safetensors";
  const ProgramResult longer = run_inkling(
      {.arguments = {"complete", "-m", shipped, "--insert", "--begun", "-k", "1", "The cat"}});
  CHECK(longer.out.size() > 1);
  CHECK(std::count(longer.out.begin(), longer.out.end(), '\n') == 1);
  CHECK(tiny.run("complete", {"--insert", "--json", "The"}).exit_code == 2);
  CHECK(tiny.run("complete", {"--insert", "--stdin"}).exit_code == 2);
}
