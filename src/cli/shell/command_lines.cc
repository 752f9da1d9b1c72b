#include "cli/shell/command_lines.h"

#include <fmt/format.h>

#include "cli/command.h"

namespace inkling::cli {

std::vector<std::string> CommandLine::Option::spellings() const {
  std::vector<std::string> all;
  if (letter != 0) all.push_back({'-', letter});
  if (!name.empty()) all.push_back("--" + name);
  return all;
}

std::string choices_with_blanks(std::string_view word) {
  return fmt::format("{}", fmt::join(choices_in(word), " "));
}

std::vector<CommandLine> command_lines() {
  std::vector<CommandLine> lines;
  std::string names;
  for (const CommandEntry& entry : commands()) {
    const std::unique_ptr<Command> command = entry.make();
    OptionParser parser;
    command->declare(parser);
    CommandLine line{.command = std::string(entry.name),
                     .summary = std::string(entry.summary),
                     .argument_word = parser.argument_word()};
    for (const OptionGroup& group : parser.groups()) {
      for (const DeclaredOption& declared : group.options) {
        const inkling::Option& option = declared.option;
        const bool letter_alone = option.name.size() == 1;
        line.options.push_back({.name = letter_alone ? "" : std::string(option.name),
                                .letter = letter_alone ? option.name.front() : option.letter,
                                .value_word = declared.value_word,
                                .meaning = std::string(option.meaning)});
      }
    }
    line.options.push_back(
        {.name = "help", .letter = 'h', .meaning = "what the command does, and its options"});
    names += (names.empty() ? "" : "|") + line.command;
    lines.push_back(std::move(line));
  }
  lines.push_back({.command = "help",
                   .summary = "what a command does, and its options",
                   .argument_word = names});
  return lines;
}

}  // namespace inkling::cli
