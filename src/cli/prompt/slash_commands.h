#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/prompt/settings.h"
#include "edit/advisor.h"

namespace inkling::cli {

// Given to a setting, as to a shell: a setting alone asks what it is.
constexpr std::string_view no_text = "\"\"";

// What a line that begins with a slash can say.
struct SlashCommand {
  std::string name;
  std::string argument;  // the word for it, as in --help; "" = none
  std::string meaning;
  std::string value{};        // of a setting: what it is now
  bool can_be_empty = false;  // of a setting: a text or a list
  bool is_setting = false;
};

// A line that begins with "/" and not with "//", which is text that begins with a slash.
struct SlashLine {
  std::string_view name;
  std::string_view value{};  // without blanks around it
  bool has_value = false;    // a blank stands behind the name
  size_t value_begin = 0;    // in the line
};
std::optional<SlashLine> parse_slash(std::string_view line);
// What a line that is none means as text: "//" stands for "/".
std::string_view text_of_line(std::string_view line);

// All commands, with the settings as they are.
std::vector<SlashCommand> slash_commands(PromptSettings settings);

// What is shown while such a line is typed, and what Tab makes of it; nothing where it is none.
std::optional<edit::Advice> slash_advice(std::string_view line,
                                         const std::vector<SlashCommand>& commands);
std::optional<edit::Completions> slash_completions(std::string_view line,
                                                   const std::vector<SlashCommand>& commands);

// What /help shows, at most `width` columns wide: the commands, the settings' values, and where
// there is an editor its keys.
std::string slash_help(const std::vector<SlashCommand>& commands, int width, bool keys);
// The settings with what they do, for /help settings.
std::string settings_help(const std::vector<SlashCommand>& commands, int width);
// What one of them does, how it is written and what it is set to. Throws UsageError where there is
// none of that name.
std::string slash_meaning(const std::vector<SlashCommand>& commands, std::string_view name);

// Reads `value` into the setting of that name; "" switches a switch and empties a list. Throws
// UsageError, and leaves the settings as they are, where there is none or the value is not allowed.
void change_setting(PromptSettings& settings, std::string_view name, std::string_view value);

}  // namespace inkling::cli
