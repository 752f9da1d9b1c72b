#include "train/option_record.h"

#include <array>
#include <type_traits>

namespace inkling::train {
namespace {

constexpr std::array<std::string_view, 3> length_options{"epochs", "steps", "time"};

}  // namespace

std::map<std::string, std::string> recorded_options(const TrainOptions& options) {
  std::map<std::string, std::string> record;
  TrainOptions copy = options;
  copy.for_each_option([&](const Option& option, auto& value) {
    record[std::string(option.name)] = value_text(value);
  });
  return record;
}

std::string command_line(const TrainOptions& options) {
  const auto defaults = recorded_options(TrainOptions());
  std::string line = "inkling train";
  TrainOptions copy = options;
  copy.for_each_option([&](const Option& option, auto& value) {
    const std::string text = value_text(value);
    if (option.name == "threads" || text == defaults.at(std::string(option.name))) return;
    line += fmt::format(" --{}", option.name);
    if constexpr (!std::is_same_v<std::remove_reference_t<decltype(value)>, bool>)
      line += " " + text;
  });
  return line;
}

bool is_length(std::string_view name) {
  return std::find(length_options.begin(), length_options.end(), name) != length_options.end();
}

std::string changed_option(const std::map<std::string, std::string>& recorded,
                           const TrainOptions& options, bool length_may_change) {
  for (const auto& [name, text] : recorded_options(options)) {
    if (name == "threads" || (length_may_change && is_length(name))) continue;
    const auto found = recorded.find(name);
    if (found != recorded.end() && found->second != text) return name;
  }
  return "";
}

}  // namespace inkling::train
