#include "cli/prompt/slash_commands.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "cli/edit_distance.h"
#include "cli/layout.h"
#include "cli/model_path.h"
#include "cli/option_value.h"
#include "cli/prompt/file_names.h"
#include "cli/value_kind.h"

namespace inkling::cli {
namespace {

using Candidate = edit::Completions::Candidate;

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> key_meanings{{
    {"Tab, Right", "take a word of the grey text; complete a command or the name of a file"},
    {"End, Ctrl-E", "take all of the grey text"},
    {"Shift-Tab", "show another continuation"},
    {"Enter", "let the model write; Ctrl-C stops it"},
    {"Alt-Enter, Ctrl-J", "begin a new line"},
    {"Up, Down", "the history; Ctrl-R searches it"},
    {"Ctrl-W, Ctrl-U, Ctrl-K",
     "cut a word, back to the line's start, on to its end; Ctrl-Y puts it back"},
    {"Ctrl-_, Alt-_", "undo, and do again"},
    {"Ctrl-L, Ctrl-Z, Ctrl-D", "clear the screen, suspend, leave"},
}};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\n";
  const size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::string usage(const SlashCommand& command) {
  std::string text = "/" + command.name;
  if (!command.argument.empty()) text += " " + command.argument;
  return text;
}

// What it does, and what a setting is.
std::string meaning_now(const SlashCommand& command) {
  return command.meaning + (command.value.empty() ? "" : " [" + command.value + "]");
}

std::string with_meaning(const SlashCommand& command) {
  return usage(command) + ": " + meaning_now(command);
}

const SlashCommand* find(const std::vector<SlashCommand>& commands, std::string_view name) {
  const auto found =
      std::find_if(commands.begin(), commands.end(),
                   [&](const SlashCommand& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

[[noreturn]] void refuse_unknown(std::string_view name, const std::vector<SlashCommand>& commands) {
  std::vector<std::string_view> names;
  names.reserve(commands.size());
  for (const SlashCommand& command : commands) names.push_back(command.name);
  const std::string hint = did_you_mean(name, names, "/");
  usage_error("there is no /{}{}", name, hint.empty() ? "; /help lists what there is" : hint);
}

std::vector<const SlashCommand*> that_begin(const std::vector<SlashCommand>& commands,
                                            std::string_view name) {
  std::vector<const SlashCommand*> matching;
  for (const SlashCommand& command : commands) {
    if (command.name.starts_with(name)) matching.push_back(&command);
  }
  return matching;
}

std::vector<Candidate> value_candidates(const SlashCommand& command, std::string_view begun,
                                        const std::vector<SlashCommand>& commands) {
  std::vector<Candidate> candidates;
  if (command.name == "help") {
    for (const SlashCommand* one : that_begin(commands, begun))
      candidates.push_back({.text = one->name, .meaning = with_meaning(*one)});
  }
  const auto add_files = [&](std::string_view suffix) {
    std::vector<std::string> files = file_names(begun, suffix);
    // Who asks for a model rarely means a checkpoint.
    if (!suffix.empty())
      std::stable_partition(files.begin(), files.end(), std::not_fn(is_checkpoint));
    for (std::string& file : files) {
      const size_t slash = file.find_last_of('/', file.size() - 2);
      std::string label = slash == std::string::npos ? file : file.substr(slash + 1);
      candidates.push_back({.text = std::move(file), .label = std::move(label)});
    }
  };
  switch (kind_of(command.argument)) {
    case ValueKind::file:
      add_files("");
      break;
    case ValueKind::model:
      for (std::string& name : model_names()) {
        if (name.starts_with(begun)) candidates.push_back({.text = std::move(name)});
      }
      add_files(model_suffix);
      break;
    case ValueKind::choice:
      for (const std::string_view choice : choices_in(command.argument)) {
        if (choice.starts_with(begun)) candidates.push_back({.text = std::string(choice)});
      }
      break;
    case ValueKind::none:
    case ValueKind::other:
      break;
  }
  return candidates;
}

// Visits options for the one that is named, and reads its value.
struct SettingReader {
  std::string_view name;
  std::string_view value;
  bool found = false;

  template <class Member>
  void operator()(const Option& option, Member& member) {
    if (option.name != name) return;
    found = true;
    if constexpr (std::is_same_v<Member, std::vector<std::string>>) {
      member.clear();
      if (value.empty()) return;
    }
    if constexpr (std::is_same_v<Member, Switch>) {
      if (value.empty()) {
        member = member == Switch::on ? Switch::off : Switch::on;
        return;
      }
    }
    read_value(option, value, member);
  }
};

}  // namespace

std::optional<SlashLine> parse_slash(std::string_view line) {
  if (!line.starts_with('/') || line.starts_with("//")) return std::nullopt;
  size_t end = std::min(line.find_first_of(" \t\n="), line.size());
  SlashLine parsed{.name = line.substr(1, end - 1), .has_value = end < line.size()};
  if (parsed.has_value && line[end] == '=') ++end;
  parsed.value_begin = std::min(line.find_first_not_of(" \t\n", end), line.size());
  parsed.value = trimmed(line.substr(parsed.value_begin));
  return parsed;
}

std::string_view text_of_line(std::string_view line) {
  return line.substr(line.starts_with("//") ? 1 : 0);
}

std::vector<SlashCommand> slash_commands(PromptSettings settings) {
  std::vector<SlashCommand> commands{
      {"help", "NAME", "what a command or a setting does; without it, this list"},
      {"more", "", "the model writes on; so does an empty line"},
      {"regen", "", "take the model's last text back and let it write another"},
      {"undo", "",
       "take back the last line and what the model wrote behind it; after /regen, that alone"},
      {"show", "", "show the whole text"},
      {"save", "FILE", "write the text to a file"},
      {"open", "FILE", "go on with the text of a file"},
      {"load", "MODEL", "go on with another model"},
      {"save-model", "FILE", "keep what was learned (--learn) as a new model"},
      {"clear", "", "begin a new text; /undo comes back to this one"},
      {"quit", "", "leave; so does Ctrl-D"},
  };
  settings.for_each_option([&]<class Member>(const Option& option, const Member& member) {
    const std::string word = option.value.empty() ? value_word(member) : std::string(option.value);
    commands.push_back(
        {std::string(option.name), word, std::string(option.meaning), value_text(member),
         std::is_same_v<Member, std::string> || std::is_same_v<Member, std::vector<std::string>>,
         true});
  });
  return commands;
}

std::optional<edit::Advice> slash_advice(std::string_view line,
                                         const std::vector<SlashCommand>& commands) {
  const std::optional<SlashLine> parsed = parse_slash(line);
  if (!parsed) return std::nullopt;
  edit::Advice advice;
  if (parsed->has_value) {
    const SlashCommand* command = find(commands, parsed->name);
    if (!command) return edit::Advice{.note = fmt::format("there is no /{}", parsed->name)};
    advice.note = with_meaning(*command);
    if (!command->value.empty() && parsed->value_begin == line.size()) {
      advice.continuations.push_back({command->value});
    }
    return advice;
  }
  const auto matching = that_begin(commands, parsed->name);
  if (matching.empty()) {
    return edit::Advice{
        .note = fmt::format("there is no /{}; //{} is text", parsed->name, parsed->name)};
  }
  const SlashCommand& first =
      find(commands, parsed->name) ? *find(commands, parsed->name) : *matching.front();
  if (parsed->name.empty()) {
    advice.note = "Tab completes a command, //text is text that begins with a slash";
  } else {
    advice.note = with_meaning(first);
    const std::string rest = first.name.substr(parsed->name.size());
    if (!rest.empty()) advice.continuations.push_back({rest});
  }
  for (const SlashCommand* command : matching) {
    if (matching.size() > 1) advice.chances.push_back({"/" + command->name});
  }
  return advice;
}

std::optional<edit::Completions> slash_completions(std::string_view line,
                                                   const std::vector<SlashCommand>& commands) {
  const std::optional<SlashLine> parsed = parse_slash(line);
  if (!parsed) return std::nullopt;
  edit::Completions completions;
  if (parsed->has_value) {
    completions.begin = parsed->value_begin;
    if (const SlashCommand* command = find(commands, parsed->name)) {
      completions.candidates =
          value_candidates(*command, line.substr(parsed->value_begin), commands);
    }
    return completions;
  }
  for (const SlashCommand* command : that_begin(commands, parsed->name)) {
    const std::string name = "/" + command->name;
    completions.candidates.push_back({.text = command->argument.empty() ? name : name + " ",
                                      .label = name,
                                      .meaning = with_meaning(*command)});
  }
  return completions;
}

std::string slash_help(const std::vector<SlashCommand>& commands, int width, bool keys) {
  std::string help = wrap(
      "A line is a prompt: the model goes on from it. An empty line lets it write on; a line that "
      "begins with a blank goes straight on from the text; one that ends with a blank ends its "
      "last word. //text begins with a slash.",
      width, 0);
  help += "\n\nCommands:\n";
  std::string settings;
  for (const SlashCommand& command : commands) {
    if (!command.is_setting) {
      help += list_entry("  " + usage(command), command.meaning, 24, width);
    } else {
      const std::string_view value = command.value.empty() ? no_text : command.value;
      settings += fmt::format("{}/{} {}", settings.empty() ? "" : ", ", command.name, value);
    }
  }
  help += "\nSettings, as they are (/help settings explains them):\n  " + wrap(settings, width, 2) +
          "\n";
  if (!keys) return help;
  help += "\nKeys:\n";
  for (const auto& [key, meaning] : key_meanings) {
    help += list_entry("  " + std::string(key), std::string(meaning), 24, width);
  }
  return help;
}

std::string settings_help(const std::vector<SlashCommand>& commands, int width) {
  std::string help;
  for (const SlashCommand& command : commands) {
    if (command.is_setting)
      help += list_entry("  " + usage(command), meaning_now(command), 24, width);
  }
  return help;
}

std::string slash_meaning(const std::vector<SlashCommand>& commands, std::string_view name) {
  if (const SlashCommand* command = find(commands, name)) return with_meaning(*command);
  refuse_unknown(name, commands);
}

void change_setting(PromptSettings& settings, std::string_view name, std::string_view value) {
  PromptSettings changed = settings;
  SettingReader reader{name, value};
  changed.for_each_option(reader);
  if (!reader.found) refuse_unknown(name, slash_commands(settings));
  // What ends a text: the one that was asked for last.
  if (name == "words" && changed.length.words > 0) changed.length.sentences = 0;
  if (name == "sentences" && changed.length.sentences > 0) changed.length.words = 0;
  changed.validate();
  settings = changed;
}

}  // namespace inkling::cli
