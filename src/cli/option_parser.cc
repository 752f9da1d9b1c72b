#include "cli/option_parser.h"

#include <boost/program_options.hpp>
#include <limits>

#include "cli/edit_distance.h"

namespace inkling::cli {
namespace {

namespace po = boost::program_options;

std::string without_dashes(std::string_view name) {
  return std::string(name.substr(std::min(name.find_first_not_of('-'), name.size())));
}

}  // namespace

void OptionParser::group(std::string_view title) { groups_.push_back({std::string(title), {}}); }

void OptionParser::add(DeclaredOption declared) {
  if (groups_.empty()) group("Options");
  groups_.back().options.push_back(std::move(declared));
}

void OptionParser::take_arguments(std::string_view word, size_t least, size_t most) {
  arguments_ = {std::string(word), least, most, {}};
}

const DeclaredOption* OptionParser::find(std::string_view name) const {
  for (const OptionGroup& group : groups_) {
    for (const DeclaredOption& declared : group.options) {
      if (declared.option.name == name) return &declared;
    }
  }
  return nullptr;
}

void OptionParser::refuse_unknown(const std::string& typed) const {
  std::vector<std::string> spellings{"--help"};
  for (const OptionGroup& group : groups_) {
    for (const DeclaredOption& declared : group.options)
      spellings.push_back(spelled(declared.option.name));
  }
  const std::vector<std::string_view> known(spellings.begin(), spellings.end());
  usage_error("there is no option '{}'{}", typed, did_you_mean(typed, known));
}

void OptionParser::parse(const std::vector<std::string>& command_line) {
  po::options_description description;
  for (const OptionGroup& group : groups_) {
    for (const DeclaredOption& declared : group.options) {
      std::string name(declared.option.name);
      if (declared.option.letter != 0) name += {',', declared.option.letter};
      if (declared.value_word.empty()) {
        description.add_options()(name.c_str(), "");
      } else {
        description.add_options()(name.c_str(), po::value<std::string>());
      }
    }
  }
  using namespace po::command_line_style;
  try {
    const po::parsed_options parsed = po::command_line_parser(command_line)
                                          .options(description)
                                          .style(unix_style & ~allow_guessing)
                                          .run();
    for (const po::option& option : parsed.options) {
      if (option.position_key >= 0) {
        arguments_.values.insert(arguments_.values.end(), option.value.begin(), option.value.end());
        continue;
      }
      given_.insert(option.string_key);
      find(option.string_key)->assign(option.value.empty() ? "true" : option.value.front());
    }
  } catch (const po::unknown_option& error) {
    refuse_unknown(error.get_option_name());
  } catch (const po::invalid_command_line_syntax& error) {
    const std::string name = without_dashes(error.get_option_name());
    if (error.kind() == po::invalid_command_line_syntax::extra_parameter) {
      usage_error("{} takes no value", spelled(name));
    }
    const DeclaredOption* declared = find(name);
    if (declared == nullptr) refuse_unknown("--" + name);
    usage_error("{} needs a value: {}", spelled(name), declared->value_word);
  } catch (const po::error& error) {
    usage_error("{}", error.what());
  }
  check_arguments();
}

void OptionParser::refuse_without(std::string_view needed, bool there,
                                  std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    if (there || !given(name)) continue;
    usage_error("{0} does nothing without {1}: give {1} too, or leave {0} out", spelled(name),
                needed);
  }
}

void OptionParser::check_arguments() const {
  const auto& [word, least, most, values] = arguments_;
  if (values.size() > most) {
    if (most == 0) usage_error("'{}' is one argument too many: there should be none", values[0]);
    const bool quoted = values[0].find(' ') != std::string::npos;
    usage_error("'{}' is one argument too many{}", values[most],
                word != "TEXT" ? ""
                : quoted       ? ": one text at a time"
                               : ": put quotation marks around the text");
  }
  if (values.size() < least) usage_error("{} is missing", word);
}

}  // namespace inkling::cli
