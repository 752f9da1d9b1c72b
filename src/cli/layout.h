#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Text set into columns, and small pictures made of characters.
namespace inkling::cli {

// `text` broken at spaces into lines of at most `width` columns, each but the first begun with
// `indent` spaces and the first taken to stand at column `indent` already. A word that is longer
// gets a line of its own. No final line feed.
std::string wrap(std::string_view text, int width, int indent);

// `text` and spaces up to `width` columns.
std::string pad(std::string_view text, int64_t width);
// `text` cut to `width` columns, ending in the mark where something was cut.
std::string cut(std::string_view text, int64_t width, std::string_view mark = "…");

// One entry of a list: a head, and its meaning from `column` on, or under it where the head is too
// long or the lines too narrow. With its line feed.
std::string list_entry(const std::string& head, const std::string& meaning, int column, int width);

// 1234567 -> "1,234,567"
std::string grouped(int64_t number);
// 2.71828 -> "2.718" for three decimals; from a thousand million on "1.23e+12".
std::string decimal(double number, int decimals);
// 1536 -> "1.5 KiB"
std::string byte_size(int64_t bytes);
// 13400 -> "13.4k char/s"
std::string characters_per_second(double number);
// Seconds as "0:42" or "1:02:03".
std::string clock_time(double seconds);

// A bar of `cells` columns filled to `share` (0..1).
std::string bar(double share, int cells, bool utf8);
// Values in -1..1 as rising blocks: of more than `cells` values, so many at equal distances.
std::string sparkline(std::span<const float> values, int cells, bool utf8);

}  // namespace inkling::cli
