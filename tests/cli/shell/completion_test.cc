#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "cli/command.h"
#include "cli/shell/command_lines.h"
#include "support/program.h"
#include "support/temp_dir.h"
#include "support/terminal_program.h"

using namespace inkling;
using inkling::testing::ProgramCall;
using inkling::testing::ProgramResult;
using inkling::testing::run_inkling;
using inkling::testing::Screen;
using inkling::testing::TempDir;
using inkling::testing::TerminalProgram;

namespace {

using Words = std::vector<std::string>;

std::string path_of(const std::string& shell) {
  for (const char* folder : {"/bin/", "/usr/bin/"}) {
    if (std::filesystem::exists(folder + shell)) return folder + shell;
  }
  return "";
}

Words lines_of(const std::string& text) {
  Words lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A folder with the scripts, a model and some files, from which a shell is run.
struct ShellFolder {
  ShellFolder() {
    for (const char* shell : {"bash", "zsh", "fish"}) {
      const ProgramResult made = run_inkling({.arguments = {"completion", shell}});
      REQUIRE(made.exit_code == 0);
      CHECK(made.err.empty());
      dir.write(std::string("script.") + shell, made.out);
    }
    dir.write("models/mine.safetensors", "");
    dir.write("own.safetensors", "");
    dir.write("text with blanks.txt", "");
    std::filesystem::create_symlink(INKLING_BINARY, dir.file("inkling"));
  }
  // What a shell prints when it runs this.
  Words run(const std::string& shell, const Words& arguments) const {
    const ProgramResult result = run_inkling({.arguments = arguments,
                                              .environment = {{"XDG_DATA_HOME", dir.path()}},
                                              .folder = dir.path(),
                                              .program = path_of(shell)});
    CHECK(result.err == "");
    return lines_of(result.out);
  }
  // bash's answer to Tab behind these words; the last is the begun one.
  Words bash(const Words& words) const {
    std::string script = "source ./script.bash; COMP_WORDS=(";
    for (const std::string& word : words) script += "'" + word + "' ";
    script += "); COMP_CWORD=" + std::to_string(words.size() - 1) +
              R"(; _inkling; printf '%s\n' "${COMPREPLY[@]}")";
    return run("bash", {"--norc", "--noprofile", "-c", script});
  }
  // fish's; without the descriptions.
  Words fish(const std::string& line) const {
    Words found;
    for (std::string& word :
         run("fish", {"--no-config", "-c", "source ./script.fish; complete -C '" + line + "'"})) {
      found.push_back(word.substr(0, word.find('\t')));
    }
    return found;
  }

  TempDir dir;
};

}  // namespace

TEST_CASE("the scripts are well-formed, whatever shell reads them") {
  const ShellFolder folder;
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    if (path_of(shell).empty()) continue;
    CHECK(folder.run(shell, {"-n", "script." + shell}).empty());
  }
}

TEST_CASE("bash completes commands, options, values and files") {
  const ShellFolder folder;
  CHECK(folder.bash({"inkling", "tr"}) == Words{"train", "trace"});
  CHECK(has(folder.bash({"inkling", ""}), "completion"));
  CHECK(folder.bash({"inkling", "--v"}) == Words{"--version"});
  CHECK(folder.bash({"inkling", "train", "--ce"}) == Words{"--cell"});
  CHECK(folder.bash({"inkling", "train", "--cell", ""}) == Words{"rnn", "lstm", "gru"});
  CHECK(folder.bash({"inkling", "train", "--cell", "=", "l"}) == Words{"lstm"});
  CHECK(folder.bash({"inkling", "train", "--cell", "="}) == Words{"rnn", "lstm", "gru"});
  CHECK(folder.bash({"inkling", "train", "--bptt", ""}) == Words{""});
  CHECK(folder.bash({"inkling", "train", "te"}) == Words{"text with blanks.txt"});
  CHECK(folder.bash({"inkling", "help", "ge"}) == Words{"generate"});
  CHECK(folder.bash({"inkling", "shell-init", ""}) == Words{"bash", "zsh", "fish"});
  CHECK(folder.bash({"inkling", "complete", "wo"}) == Words{""});
  const Words models = folder.bash({"./inkling", "generate", "-m", ""});
  CHECK(has(models, "mine"));
  CHECK(has(models, "own.safetensors"));
  CHECK(has(models, "models"));
  CHECK_FALSE(has(models, "text with blanks.txt"));
  CHECK(folder.bash({"./inkling", "generate", "-m", "mi"}) == Words{"mine"});
}

TEST_CASE("every option of every command is completed, and nothing else") {
  const ShellFolder folder;
  const bool fish = !path_of("fish").empty();
  for (const cli::CommandLine& line : cli::command_lines()) {
    CAPTURE(line.command);
    Words expected, letters;
    for (const cli::CommandLine::Option& option : line.options) {
      for (const std::string& spelling : option.spellings()) {
        if (spelling.starts_with("--")) expected.push_back(spelling);
        letters.push_back(spelling);
      }
    }
    std::sort(expected.begin(), expected.end());
    if (expected.empty()) continue;
    Words found = folder.bash({"inkling", line.command, "--"});
    std::sort(found.begin(), found.end());
    CHECK(found == expected);
    CHECK(folder.bash({"inkling", line.command, "-"}).size() == letters.size());
    if (!fish) continue;
    found = folder.fish("inkling " + line.command + " --");
    std::sort(found.begin(), found.end());
    CHECK(found == expected);
  }
  // And there is one for each command that exists.
  CHECK(cli::command_lines().size() == cli::commands().size() + 1);
}

TEST_CASE("fish completes commands, values and files") {
  if (path_of("fish").empty()) {
    MESSAGE("fish is not installed: not tested");
    return;
  }
  const ShellFolder folder;
  CHECK(folder.fish("inkling tra") == Words{"trace", "train"});
  Words cells = folder.fish("inkling train --cell ");
  std::sort(cells.begin(), cells.end());
  CHECK(cells == Words{"gru", "lstm", "rnn"});
  CHECK(has(folder.fish("inkling train te"), "text with blanks.txt"));
  CHECK(has(folder.fish("./inkling generate -m "), "mine"));
  CHECK(folder.fish("inkling help gen") == Words{"generate"});
  CHECK(folder.fish("inkling complete wo").empty());
}

TEST_CASE("zsh completes commands, options and values") {
  if (path_of("zsh").empty()) {
    MESSAGE("zsh is not installed: not tested");
    return;
  }
  const ShellFolder folder;
  TerminalProgram zsh({.arguments = {"-f", "-i"},
                       .environment = {{"XDG_DATA_HOME", folder.dir.path()}, {"PS1", ""}},
                       .folder = folder.dir.path(),
                       .terminal_columns = 100,
                       .program = path_of("zsh")});
  const auto line_is = [&](const std::string& line) {
    zsh.require([line](const Screen& screen) { return screen.before_cursor() == line; });
  };
  zsh.type(
      "PS1='ready '; unsetopt auto_list list_beep beep; autoload -U compinit; compinit -D; "
      "source ./script.zsh; clear\n");
  zsh.require([](const Screen& screen) { return screen.text() == "ready"; });
  zsh.type("./inkling trai\t");
  line_is("ready ./inkling train ");
  zsh.type("--hidd\t");
  line_is("ready ./inkling train --hidden-size=");
  zsh.type("\x15./inkling train --cell gr\t");
  line_is("ready ./inkling train --cell gru ");
  zsh.type("text\t");
  line_is("ready ./inkling train --cell gru text\\ with\\ blanks.txt ");
  zsh.type("\x15./inkling generate -m mi\t");
  line_is("ready ./inkling generate -m mine ");
  zsh.type(
      "\x15"
      "exit\n");
  zsh.finish();
}

TEST_CASE("models lists names, and what is no shell is refused") {
  const ShellFolder folder;
  const ProgramResult models = run_inkling({.arguments = {"completion", "models"},
                                            .environment = {{"XDG_DATA_HOME", "/nowhere"}},
                                            .folder = folder.dir.path()});
  CHECK(has(lines_of(models.out), "mine"));
  const ProgramResult wrong = run_inkling({.arguments = {"completion", "csh"}});
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.err.find("'csh' is none of: bash, zsh, fish") != std::string::npos);
  CHECK(run_inkling({.arguments = {"completion"}}).exit_code == 2);
  CHECK(run_inkling({.arguments = {"shell-init"}}).exit_code == 2);
}
