#include "cli/option_value.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "cli/edit_distance.h"

namespace inkling::cli {
namespace {

enum class Reading { number, beyond_numbers, none };

template <class Number>
Reading read_number(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (stopped != end || error == std::errc::invalid_argument) return Reading::none;
  return error == std::errc() ? Reading::number : Reading::beyond_numbers;
}

// Of a number that is too great for a double, or too near to 0: whether it is the latter.
bool is_tiny(std::string_view text) {
  long double number = 0;
  if (read_number(text, number) == Reading::number) return std::abs(number) < 1;
  return text.find("e-") != text.npos || text.find("E-") != text.npos;
}

std::string number_text(double value) {
  return std::abs(value) < 1e15 && value == std::floor(value) ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{}", value);
}

[[noreturn]] void refuse_range(const Option& option, std::string_view text) {
  const std::string range = range_text(option);
  usage_error("{}: {} is out of range; it must be {}", spelled(option.name), text,
              range.empty() ? "nearer to 0" : range);
}

[[noreturn]] void refuse_number(const Option& option, std::string_view text,
                                std::string_view kind) {
  const std::string range = range_text(option);
  usage_error("{}: '{}' is no {}{}{}", spelled(option.name), text, kind,
              range.empty() ? "" : "; it must be one ", range);
}

void check_range(const Option& option, std::string_view text, double value) {
  const bool high_enough = option.above_low ? value > option.low : value >= option.low;
  if (!high_enough || value > option.high) refuse_range(option, text);
}

}  // namespace

std::string range_text(const Option& option) {
  const bool low = std::isfinite(option.low);
  const bool high = std::isfinite(option.high);
  if (!low && !high) return "";
  if (!low) return fmt::format("at most {}", number_text(option.high));
  std::string from =
      fmt::format("{} {}", option.above_low ? "above" : "at least", number_text(option.low));
  if (!high) return from;
  if (option.above_low) return fmt::format("{} and at most {}", from, number_text(option.high));
  return fmt::format("from {} to {}", number_text(option.low), number_text(option.high));
}

void read_value(const Option& option, std::string_view text, bool& member) {
  if (text != "true" && text != "false") {
    usage_error("{}: '{}' is neither true nor false", spelled(option.name), text);
  }
  member = text == "true";
}

void read_value(const Option& option, std::string_view text, int64_t& member) {
  int64_t number = 0;
  const Reading reading = read_number(text, number);
  if (reading == Reading::none) refuse_number(option, text, "whole number");
  if (reading == Reading::beyond_numbers) refuse_range(option, text);
  check_range(option, text, static_cast<double>(number));
  member = number;
}

void read_value(const Option& option, std::string_view text, double& member) {
  double number = 0;
  const Reading reading = read_number(text, number);
  if (reading == Reading::none || !std::isfinite(number)) refuse_number(option, text, "number");
  // Nearer to 0 than to any other number it is 0.
  if (reading == Reading::beyond_numbers && !is_tiny(text)) refuse_range(option, text);
  check_range(option, text, number);
  member = number;
}

void read_value(const Option&, std::string_view text, std::string& member) { member = text; }

void read_value(const Option&, std::string_view text, std::vector<std::string>& member) {
  member.emplace_back(text);
}

size_t read_choice(const Option& option, std::string_view text,
                   std::span<const std::string_view> names) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return i;
  }
  usage_error("{}: '{}' is none of: {}{}", spelled(option.name), text, fmt::join(names, ", "),
              did_you_mean(text, names));
}

}  // namespace inkling::cli
