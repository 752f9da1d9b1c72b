#include "text/display_width.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace inkling::text;

TEST_CASE("display_width counts columns, not bytes or code points") {
  const std::vector<std::pair<std::string, int>> widths{
      {"", 0},          {"abc", 3},         {"é", 1},       {"e\u0301", 1},
      {"猫が", 4},      {"👩‍🚀", 2}, {"🇫🇷", 2},      {"👍🏽", 2},
      {"❤️", 2},    {"❤", 1},           {"#️⃣", 2}, {"กำ", 2},
      {"ที่", 1},         {"각", 2},          {"각", 2},      {"\u200f", 0},
      {"\x1b", 0},      {"ＡＢ", 4},        {"ｶﾞ", 2},      {"שָׁלוֹם", 4},
      {"क\u094dषि", 3}, {"नमस्ते", 4},        {"a🏽", 3},   {"\u0600🏽", 2},
  };
  for (const auto& row : widths) {
    CAPTURE(row.first);
    CHECK(display_width(row.first) == row.second);
  }
}

TEST_CASE("no cluster takes no column") { CHECK(cluster_width("") == 0); }

TEST_CASE("a profile says how a terminal lays out clusters") {
  const WidthProfile first_alone{
      .spacing_mark = 0, .conjunct = 0, .joined_emoji = 0, .emoji_modifier = 0};
  CHECK(display_width("क\u094dषि", first_alone) == 1);
  CHECK(display_width("नमस्ते", first_alone) == 3);
  const WidthProfile code_points{.joined_emoji = 2, .emoji_modifier = 2, .emoji_selector = 0};
  CHECK(display_width("👩‍🚀", code_points) == 4);
  CHECK(display_width("👍🏽", code_points) == 4);
  CHECK(display_width("❤️", code_points) == 1);
}
