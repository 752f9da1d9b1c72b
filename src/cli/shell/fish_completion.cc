#include <fmt/format.h>

#include "cli/shell/command_lines.h"

namespace inkling::cli {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

std::string value(std::string_view word) {
  switch (kind_of(word)) {
    case ValueKind::file:
      return " -r -F";
    case ValueKind::model:
      return " -r -F -a '(__inkling_models)'";
    case ValueKind::choice:
      return " -x -a " + quoted(choices_with_blanks(word));
    case ValueKind::other:
      return " -x";
    case ValueKind::none:
      break;
  }
  return "";
}

// Behind the head of a line for the command's arguments; "" where there is nothing to complete.
std::string arguments(std::string_view word) {
  switch (kind_of(word)) {
    case ValueKind::file:
      return " -F";
    case ValueKind::model:
      return " -F -a '(__inkling_models)'";
    case ValueKind::choice:
      return " -a " + quoted(choices_with_blanks(word));
    case ValueKind::none:
    case ValueKind::other:
      break;
  }
  return "";
}

constexpr std::string_view begin = R"script(# Completion of inkling's command lines in fish.
function __inkling_models
    set -l words (commandline -opc)
    command -q $words[1]; and $words[1] completion models 2> /dev/null
end
function __inkling_needs_command
    test (count (commandline -opc)) -eq 1
end
function __inkling_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $argv[1]
end
complete -c inkling -f
complete -c inkling -n __inkling_needs_command -l help -d 'what this program does'
complete -c inkling -n __inkling_needs_command -l version -d 'its version'
)script";

}  // namespace

std::string fish_completion(const std::vector<CommandLine>& lines) {
  std::string script(begin);
  for (const CommandLine& line : lines) {
    script += fmt::format("complete -c inkling -n __inkling_needs_command -a {} -d {}\n",
                          line.command, quoted(line.summary));
    const std::string head =
        fmt::format("complete -c inkling -n '__inkling_command {}'", line.command);
    for (const CommandLine::Option& option : line.options) {
      script += head;
      if (option.letter != 0) script += fmt::format(" -s {}", option.letter);
      if (!option.name.empty()) script += fmt::format(" -l {}", option.name);
      script += value(option.value_word) + " -d " + quoted(option.meaning) + "\n";
    }
    const std::string rest = arguments(line.argument_word);
    if (!rest.empty()) script += head + rest + "\n";
  }
  return script;
}

}  // namespace inkling::cli
