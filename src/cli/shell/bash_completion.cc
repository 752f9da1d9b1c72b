#include <fmt/format.h>

#include <map>

#include "cli/shell/command_lines.h"

namespace inkling::cli {
namespace {

// What sets COMPREPLY to the values that the word stands for.
std::string reply(std::string_view word) {
  switch (kind_of(word)) {
    case ValueKind::file:
      return "_inkling_files \"$word\"";
    case ValueKind::model:
      return "_inkling_models \"$word\"";
    case ValueKind::choice:
      return fmt::format("_inkling_words \"$word\" {}", choices_with_blanks(word));
    case ValueKind::none:
    case ValueKind::other:
      break;
  }
  return ":";
}

constexpr std::string_view helpers = R"script(# Completion of inkling's command lines in bash.
_inkling_words() {
  mapfile -t COMPREPLY < <(compgen -W "${*:2}" -- "$1")
}
_inkling_files() {
  compopt -o filenames 2> /dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$1")
}
_inkling_models() {
  local name
  compopt -o filenames 2> /dev/null
  while IFS= read -r name; do
    [[ $name == "$1"* ]] && COMPREPLY+=("$name")
  done < <("${COMP_WORDS[0]}" completion models 2> /dev/null)
  while IFS= read -r name; do
    [[ -d $name || $name == *.safetensors ]] && COMPREPLY+=("$name")
  done < <(compgen -f -- "$1")
}
)script";

// {} = the commands.
constexpr std::string_view begin = R"script(_inkling() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _inkling_words "$word"{} --help --version
    return
  fi
  # --option=value comes as three words.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  case ${{COMP_WORDS[1]}}:$before in
)script";

}  // namespace

std::string bash_completion(const std::vector<CommandLine>& lines) {
  std::string names;
  for (const CommandLine& line : lines) names += " " + line.command;
  std::string script = std::string(helpers) + fmt::format(begin, names);
  for (const CommandLine& line : lines) {
    std::map<std::string, std::vector<std::string>> patterns;  // by what is replied
    for (const CommandLine::Option& option : line.options) {
      if (option.kind() == ValueKind::none) continue;
      for (const std::string& spelling : option.spellings()) {
        patterns[reply(option.value_word)].push_back(line.command + ":" + spelling);
      }
    }
    for (const auto& [action, alike] : patterns) {
      script += fmt::format("    {})\n      {}\n      return\n      ;;\n", fmt::join(alike, " | "),
                            action);
    }
  }
  script += "  esac\n  case ${COMP_WORDS[1]}:$word in\n";
  for (const CommandLine& line : lines) {
    std::string spellings;
    for (const CommandLine::Option& option : line.options) {
      for (const std::string& spelling : option.spellings()) spellings += " " + spelling;
    }
    if (!spellings.empty()) {
      script += fmt::format("    {}:-*) _inkling_words \"$word\"{} ;;\n", line.command, spellings);
    }
    script += fmt::format("    {}:*) {} ;;\n", line.command, reply(line.argument_word));
  }
  return script + "  esac\n}\ncomplete -F _inkling inkling\n";
}

}  // namespace inkling::cli
