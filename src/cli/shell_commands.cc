#include <filesystem>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/model_path.h"
#include "cli/shell/command_lines.h"
#include "cli/shell/init_script.h"

// The commands that print scripts for shells.
namespace inkling::cli {
namespace {

class CompletionCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.take_arguments("bash|zsh|fish|models", 1, 1);
  }

  void run(const OptionParser& given, Console& console) override {
    const std::string& wanted = given.arguments().front();
    if (wanted == "models") {
      for (const std::string& name : model_names()) console.out.text(name + "\n");
      return;
    }
    switch (enum_from_name<Shell>(wanted, "completion")) {
      case Shell::bash:
        return console.out.text(bash_completion(command_lines()));
      case Shell::zsh:
        return console.out.text(zsh_completion(command_lines()));
      case Shell::fish:
        return console.out.text(fish_completion(command_lines()));
    }
  }
};

class ShellInitCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.take_arguments("bash|zsh|fish", 1, 1);
    parser(Option{.name = "model",
                  .meaning = "a model's file or name; without it, the one that is usual then",
                  .value = "MODEL",
                  .letter = 'm'},
           model_);
  }

  void run(const OptionParser& given, Console& console) override {
    const auto shell = enum_from_name<Shell>(given.arguments().front(), "shell-init");
    std::string file;
    try {
      // The shell will be in other folders when the key is pressed.
      if (!model_.empty()) file = std::filesystem::absolute(find_model(model_)).string();
    } catch (const DataError& error) {
      file = model_;  // it may come
      console.talk.insist(error.what());
    }
    console.out.text(init_script(shell, file));
  }

 private:
  std::string model_;
};

}  // namespace

std::unique_ptr<Command> make_completion_command() { return std::make_unique<CompletionCommand>(); }
std::unique_ptr<Command> make_shell_init_command() { return std::make_unique<ShellInitCommand>(); }

}  // namespace inkling::cli
