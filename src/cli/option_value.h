#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"

// An option's value from its text, for every type that a member may have (and back: value_text()).
namespace inkling::cli {

// Reads `text` into `member`. Throws UsageError with the option, the value and what is allowed;
// `member` is then untouched. A value given to a list is added to it.
void read_value(const Option& option, std::string_view text, bool& member);  // "true" or "false"
void read_value(const Option& option, std::string_view text, int64_t& member);
void read_value(const Option& option, std::string_view text, double& member);
void read_value(const Option& option, std::string_view text, std::string& member);
void read_value(const Option& option, std::string_view text, std::vector<std::string>& member);

// The index of `text` among names.
size_t read_choice(const Option& option, std::string_view text,
                   std::span<const std::string_view> names);

template <NamedEnum E>
void read_value(const Option& option, std::string_view text, E& member) {
  member = static_cast<E>(read_choice(option, text, names_of(member)));
}

// The word for the value in --help: "N", "X", "a|b|c"; "" for a switch.
inline std::string value_word(const bool&) { return ""; }
inline std::string value_word(const int64_t&) { return "N"; }
inline std::string value_word(const double&) { return "X"; }
inline std::string value_word(const std::string&) { return "TEXT"; }
inline std::string value_word(const std::vector<std::string>&) { return "TEXT"; }
template <NamedEnum E>
std::string value_word(const E& value) {
  return fmt::format("{}", fmt::join(names_of(value), "|"));
}

// "from 1 to 32", "at least 0", "above 0", or "" where every number is allowed.
std::string range_text(const Option& option);

}  // namespace inkling::cli
