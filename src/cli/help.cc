#include "cli/help.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/layout.h"
#include "cli/model_path.h"
#include "text/unicode_version.h"

namespace inkling::cli {
namespace {

constexpr int widest = 100;  // longer lines are hard to read
constexpr int meaning_column = 30;

std::string option_head(const DeclaredOption& declared) {
  const Option& option = declared.option;
  const std::string letter = option.letter != 0 ? fmt::format("-{}, ", option.letter) : "    ";
  // An option whose name is its letter is shown once.
  std::string head = option.name.size() == 1 ? fmt::format("  -{}", option.name)
                                             : fmt::format("  {}--{}", letter, option.name);
  if (!declared.value_word.empty()) head += " " + declared.value_word;
  return head;
}

// Limits that nobody meets, and that a number is not negative, would only be noise.
std::string range_shown(const DeclaredOption& declared) {
  Option option = declared.option;
  if (option.high >= 1e9) option.high = std::numeric_limits<double>::infinity();
  const bool obvious = std::isinf(option.high) && option.low <= 0 && !option.above_low;
  return declared.has_range && !obvious ? "; " + range_text(option) : "";
}

std::string option_meaning(const DeclaredOption& declared) {
  std::string meaning(declared.option.meaning);
  if (declared.option.often) meaning += "; may be given often";
  meaning += range_shown(declared);
  if (!declared.default_text.empty()) meaning += fmt::format(" [{}]", declared.default_text);
  return meaning;
}

std::string paragraphs(std::string_view text, int width) {
  std::string result;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    result += "\n" + wrap(text.substr(0, end), width, 0) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string examples_text(std::span<const std::string_view> examples) {
  std::string text = "\nExamples:\n";
  for (const std::string_view example : examples) text += fmt::format("  {}\n", example);
  return text;
}

}  // namespace

std::string overview(int width) {
  width = std::min(width, widest);
  std::string text = wrap(
      "inkling trains small recurrent networks on text, writes new text with them, and completes "
      "words.",
      width, 0);
  text += "\n\nUsage: inkling COMMAND [options]\n\nExamples:\n";
  for (const CommandEntry& entry : commands()) {
    const bool telling = entry.name != "evaluate" && entry.name != "completion";
    if (telling) text += fmt::format("  {}\n", entry.examples.front());
  }
  text += "\nCommands:\n";
  for (const CommandEntry& entry : commands()) {
    text += list_entry(fmt::format("  {}", entry.name), std::string(entry.summary), 14, width);
  }
  text += "\nMore:\n";
  text += list_entry("  inkling help COMMAND", "a command's options and their defaults", 25, width);
  text += list_entry("  inkling --version", "the version", 25, width);
  text += paragraphs(fmt::format("-m takes a model's path, or its name in {}. Without -m it is "
                                 "$INKLING_MODEL, else the model '{}'.",
                                 fmt::join(model_folders(), ", "), default_model),
                     width);
  text += paragraphs(
      "Exit codes: 0 success, 1 failure, 2 wrong usage; a signal ends the process by that signal.",
      width);
  return text;
}

std::string command_help(const CommandEntry& entry, const OptionParser& parser, int width) {
  width = std::min(width, widest);
  std::string text =
      wrap(fmt::format("inkling {}: {}", entry.name, entry.summary), width, 0) + "\n\n";
  text += "Usage: " +
          wrap(fmt::format("inkling {} {} [options]", entry.name, entry.arguments), width, 7) +
          "\n";
  text += examples_text(entry.examples);
  text += paragraphs(entry.details, width);
  for (const OptionGroup& group : parser.groups()) {
    text += fmt::format("\n{}:\n", group.title);
    for (const DeclaredOption& declared : group.options) {
      text += list_entry(option_head(declared), option_meaning(declared), meaning_column, width);
    }
  }
  return text;
}

std::string version_text() {
  return fmt::format("inkling {}\n{}\n", INKLING_VERSION, text::unicode_version());
}

}  // namespace inkling::cli
