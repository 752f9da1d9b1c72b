#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"

// An option is declared once, beside the struct member that holds it and its default:
//
//     template <class Visitor>
//     void for_each_option(Visitor&& v) {
//       v(Option{.name = "hidden-size", .meaning = "units per layer", .low = 1, .high = 16384},
//       hidden_size);
//     }
//
// The command-line parser, --help, the record in a model file, and shell completion are visitors. A
// member is a bool (a switch), an int64_t, a double, a std::string, a std::vector<std::string> (may
// be given often), or a named enum.
namespace inkling {

struct Option {
  std::string_view name;  // as typed after "--"
  std::string_view
      meaning;  // what it does, with its unit and its neutral value; completes "--name  ..."
  std::string_view value = "";  // the word for the value in --help, e.g. "FILE"; "" = from the type
  char letter = 0;              // the short form, 0 = none
  double low = -std::numeric_limits<double>::infinity();  // numbers: the smallest value allowed
  double high = std::numeric_limits<double>::infinity();  // numbers: the largest
  bool above_low = false;                                 // low itself is not allowed
  bool often = false;                                     // each of several adds to a list
};

// An option as it is typed: "-n", "--top-k".
inline std::string spelled(std::string_view name) {
  return (name.size() == 1 ? "-" : "--") + std::string(name);
}

// A named enum has, in its own namespace, `constexpr std::span<const std::string_view>
// names_of(E)`, the name of value i at i.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  names_of(e)[0];
};

template <NamedEnum E>
constexpr std::string_view name_of(E e) {
  return names_of(e)[static_cast<size_t>(e)];
}

// Throws UsageError naming `what` and the choices when `name` is none of them.
template <NamedEnum E>
E enum_from_name(std::string_view name, std::string_view what) {
  const auto names = names_of(E{});
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    usage_error("{}: '{}' is none of: {}", what, name, fmt::join(names, ", "));
  }
  return static_cast<E>(found - names.begin());
}

// A value as it is typed; numbers in the shortest form that reads back the same, independent of the
// locale.
inline std::string value_text(bool value) { return value ? "true" : "false"; }
inline std::string value_text(int64_t value) { return fmt::format("{}", value); }
inline std::string value_text(double value) { return fmt::format("{}", value); }
inline std::string value_text(const std::string& value) { return value; }
inline std::string value_text(const std::vector<std::string>& value) {
  return fmt::format("{}", fmt::join(value, " "));
}
template <NamedEnum E>
std::string value_text(E value) {
  return std::string(name_of(value));
}

}  // namespace inkling
