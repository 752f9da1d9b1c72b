#include <fmt/format.h>

#include "cli/shell/command_lines.h"

namespace inkling::cli {
namespace {

std::string action(std::string_view word) {
  switch (kind_of(word)) {
    case ValueKind::file:
      return "_files";
    case ValueKind::model:
      return "_inkling_models";
    case ValueKind::choice:
      return fmt::format("({})", choices_with_blanks(word));
    case ValueKind::none:
    case ValueKind::other:
      break;
  }
  return " ";
}

// As zsh's _arguments and _describe take it, in single quotes.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result;
}

// One specification for each spelling; an option may be given again.
std::string specifications(const CommandLine::Option& option) {
  const bool takes_value = option.kind() != ValueKind::none;
  std::string rest = "[" + escaped(option.meaning) + "]";
  if (takes_value) rest += ":" + escaped(option.value_word) + ":" + action(option.value_word);
  std::string result;
  for (const std::string& spelling : option.spellings()) {
    // -n5 and -n 5; --name=5 and --name 5.
    const std::string_view joint = !takes_value ? "" : spelling.starts_with("--") ? "=" : "+";
    result += fmt::format("        '*{}{}{}' \\\n", spelling, joint, rest);
  }
  return result;
}

constexpr std::string_view begin = R"script(#compdef inkling
# Completion of inkling's command lines in zsh.
_inkling_models() {
  local -a names
  names=(${(f)"$($inkling_program completion models 2> /dev/null)"})
  _alternative 'names:model:compadd -a names' 'files:file:_files -g "*.safetensors(-.)"'
}
_inkling() {
  local inkling_program=$words[1] command=$words[2]
  if (( CURRENT == 2 )); then
    local -a commands
    commands=(
)script";
constexpr std::string_view middle = R"script(    )
    _describe -t commands command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $command in
)script";
// Called for a completion where the file is in $fpath, sourced otherwise.
constexpr std::string_view end = R"script(  esac
}
if [[ $funcstack[1] == _inkling ]]; then
  _inkling "$@"
elif (( $+functions[compdef] )); then
  compdef _inkling inkling
else
  print -u2 "inkling's completion needs zsh's: autoload -U compinit; compinit"
fi
)script";

}  // namespace

std::string zsh_completion(const std::vector<CommandLine>& lines) {
  std::string script(begin);
  for (const CommandLine& line : lines) {
    script += fmt::format("      '{}:{}'\n", line.command, escaped(line.summary));
  }
  script += middle;
  for (const CommandLine& line : lines) {
    script += fmt::format("    {})\n      _arguments -s -S \\\n", line.command);
    for (const CommandLine::Option& option : line.options) script += specifications(option);
    const std::string word = line.argument_word.empty() ? "nothing" : escaped(line.argument_word);
    script += fmt::format("        '*:{}:{}'\n      ;;\n", word, action(line.argument_word));
  }
  script += end;
  return script;
}

}  // namespace inkling::cli
