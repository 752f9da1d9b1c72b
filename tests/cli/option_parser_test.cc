#include "cli/option_parser.h"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <span>

using inkling::Option;
using inkling::UsageError;
using inkling::cli::OptionParser;

namespace {

enum class Colour { red, green };
constexpr std::array<std::string_view, 2> colour_names{"red", "green"};
constexpr std::span<const std::string_view> names_of(Colour) { return colour_names; }

struct Settings {
  int64_t size = 8;
  double rate = 0.5;
  double bias = 0;
  std::string name;
  std::vector<std::string> stop;
  Colour colour = Colour::red;
  bool loud = false;

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    v(Option{.name = "size", .meaning = "", .letter = 'n', .low = -1, .high = 16}, size);
    v(Option{.name = "rate", .meaning = "", .low = 0, .high = 1, .above_low = true}, rate);
    v(Option{.name = "bias", .meaning = "", .high = 3}, bias);
    v(Option{.name = "name", .meaning = ""}, name);
    v(Option{.name = "stop", .meaning = ""}, stop);
    v(Option{.name = "colour", .meaning = ""}, colour);
    v(Option{.name = "loud", .meaning = ""}, loud);
  }
};

struct Parsed {
  Settings settings;
  std::vector<std::string> arguments;
};

Parsed parse(const std::vector<std::string>& line) {
  Parsed parsed;
  OptionParser parser;
  parser.take_arguments("FILE", 0, 2);
  parsed.settings.for_each_option(parser);
  parser.parse(line);
  parsed.arguments = parser.arguments();
  return parsed;
}

std::string usage_failure(const std::vector<std::string>& line) {
  try {
    parse(line);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("options are read in every usual spelling") {
  CHECK(parse({"--size", "3"}).settings.size == 3);
  CHECK(parse({"--size=3"}).settings.size == 3);
  CHECK(parse({"-n", "3"}).settings.size == 3);
  CHECK(parse({"-n3"}).settings.size == 3);
  CHECK(parse({"-n", "-1"}).settings.size == -1);
  CHECK(parse({"--size", "3", "--size", "4"}).settings.size == 4);
  CHECK(parse({"--rate", "1e-3"}).settings.rate == 1e-3);
  for (const std::string& tiny : {std::string("1e-999"), "-0." + std::string(400, '0') + "1"})
    CHECK(parse({"--bias", tiny}).settings.bias == 0);
  CHECK(usage_failure({"--bias", "1" + std::string(400, '0') + "e-5"}).find("is out of range") !=
        std::string::npos);
  CHECK(parse({"--colour", "green"}).settings.colour == Colour::green);
  CHECK(parse({"--loud"}).settings.loud);
  CHECK(parse({"--name", ""}).settings.name.empty());
  CHECK(parse({"--name", "a=b"}).settings.name == "a=b");
  CHECK(parse({"--stop", "a", "--stop=b"}).settings.stop == std::vector<std::string>{"a", "b"});
  CHECK(parse({"one", "--loud", "-"}).arguments == std::vector<std::string>{"one", "-"});
  CHECK(parse({"--", "--loud"}).arguments == std::vector<std::string>{"--loud"});
}

TEST_CASE("a wrong command line is refused by option, value and what is allowed") {
  struct Row {
    std::vector<std::string> line;
    const char* sentence;
  };
  const std::vector<Row> rows{
      {{"--size", "17"}, "--size: 17 is out of range; it must be from -1 to 16"},
      {{"--size", "-2"}, "--size: -2 is out of range; it must be from -1 to 16"},
      {{"--size", "3.5"}, "--size: '3.5' is no whole number; it must be one from -1 to 16"},
      {{"--size", "3x"}, "--size: '3x' is no whole number; it must be one from -1 to 16"},
      {{"--size", "99999999999999999999"},
       "--size: 99999999999999999999 is out of range; it must be from -1 to 16"},
      {{"--size", "-99999999999999999999"},
       "--size: -99999999999999999999 is out of range; it must be from -1 to 16"},
      {{"--rate", "1e999"}, "--rate: 1e999 is out of range; it must be above 0 and at most 1"},
      {{"--rate", "0"}, "--rate: 0 is out of range; it must be above 0 and at most 1"},
      {{"--rate", "nan"}, "--rate: 'nan' is no number; it must be one above 0 and at most 1"},
      {{"--rate", "inf"}, "--rate: 'inf' is no number; it must be one above 0 and at most 1"},
      {{"--bias", "4"}, "--bias: 4 is out of range; it must be at most 3"},
      {{"--colour", "gren"}, "--colour: 'gren' is none of: red, green; did you mean 'green'?"},
      {{"--colur", "green"}, "there is no option '--colur'; did you mean '--colour'?"},
      {{"-x"}, "there is no option '-x'"},
      {{"--size"}, "--size needs a value: N"},
      {{"--="}, "there is no option '--'; did you mean '--help'?"},
      {{"--sise="}, "there is no option '--sise'; did you mean '--size'?"},
      {{"--loud=yes"}, "--loud takes no value"},
      {{"a", "b", "c"}, "'c' is one argument too many"},
  };
  for (const auto& [line, sentence] : rows) CHECK(usage_failure(line) == sentence);
}
