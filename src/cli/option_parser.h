#pragma once

#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "cli/option_value.h"

namespace inkling::cli {

// An option as the parser and --help see it.
struct DeclaredOption {
  Option option;
  std::string value_word;                        // "" = a switch
  std::string default_text;                      // "" = nothing to show
  bool has_range = false;                        // a number
  std::function<void(std::string_view)> assign;  // throws UsageError
};

struct OptionGroup {
  std::string title;
  std::vector<DeclaredOption> options;
};

// A command's arguments that are no options.
struct Arguments {
  std::string word;  // e.g. "CORPUS"
  size_t least = 0;
  size_t most = 0;
  std::vector<std::string> values;
};

// Collects the options of any number of structs, as the visitor of their for_each_option, and then
// reads a command line into their members. The structs must outlive it.
class OptionParser {
 public:
  // The options that follow are shown under this title.
  void group(std::string_view title);

  template <class Member>
  void operator()(const Option& option, Member& member) {
    constexpr bool is_switch = std::is_same_v<Member, bool>;
    constexpr bool is_number = std::is_arithmetic_v<Member> && !is_switch;
    add({option, option.value.empty() ? value_word(member) : std::string(option.value),
         is_switch ? "" : value_text(member), is_number, assign_to(option, member)});
  }

  // The command takes between `least` and `most` arguments.
  void take_arguments(std::string_view word, size_t least, size_t most);

  // `--name value`, `--name=value`, `-nvalue`, `-n value`, `--` before what are arguments only; of
  // a repeated option the last value holds. Throws UsageError: an unknown option, a value that is
  // missing or not allowed, a wrong number of arguments.
  void parse(const std::vector<std::string>& command_line);

  bool given(std::string_view name) const { return given_.contains(name); }
  // Throws UsageError where one of `names` was given and what it needs, as "--fill", is not there.
  void refuse_without(std::string_view needed, bool there,
                      std::initializer_list<std::string_view> names) const;
  const std::vector<std::string>& arguments() const { return arguments_.values; }
  const std::vector<OptionGroup>& groups() const { return groups_; }
  // The word for the command's arguments; "" where it takes none.
  const std::string& argument_word() const { return arguments_.word; }

 private:
  template <class Member>
  static std::function<void(std::string_view)> assign_to(const Option& option, Member& member) {
    return [option, &member](std::string_view text) { read_value(option, text, member); };
  }

  void add(DeclaredOption declared);
  const DeclaredOption* find(std::string_view name) const;
  [[noreturn]] void refuse_unknown(const std::string& typed) const;
  void check_arguments() const;

  std::vector<OptionGroup> groups_;
  Arguments arguments_;
  std::set<std::string, std::less<>> given_;
};

}  // namespace inkling::cli
