#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/value_kind.h"

namespace inkling::cli {

// This program's command lines as a shell completes them.
struct CommandLine {
  struct Option {
    std::string name;  // "" = the letter alone
    char letter = 0;
    std::string value_word{};  // "" = a switch
    std::string meaning{};

    ValueKind kind() const { return kind_of(value_word); }
    // As typed: "-m", "--model".
    std::vector<std::string> spellings() const;
  };

  std::string command;
  std::string summary;
  std::vector<Option> options{};
  std::string argument_word{};
};

// Of all commands, from their declarations; and of help.
std::vector<CommandLine> command_lines();

// "a|b|c" -> "a b c"
std::string choices_with_blanks(std::string_view word);

// The scripts with which shells complete them.
std::string bash_completion(const std::vector<CommandLine>& lines);
std::string zsh_completion(const std::vector<CommandLine>& lines);
std::string fish_completion(const std::vector<CommandLine>& lines);

}  // namespace inkling::cli
