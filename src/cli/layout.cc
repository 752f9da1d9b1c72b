#include "cli/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "text/display_width.h"
#include "text/segmenter.h"

namespace inkling::cli {
namespace {

constexpr std::array<std::string_view, 8> left_blocks{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr std::array<std::string_view, 8> low_blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr int narrow = 60;  // below it, meanings stand under what they belong to
constexpr int narrow_meaning_column = 6;
constexpr std::string_view ascii_levels = "_.-=+*#@";

}  // namespace

std::string wrap(std::string_view text, int width, int indent) {
  std::string lines;
  int64_t column = indent;
  bool line_is_empty = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const int64_t columns = text::display_width(word);
    if (!line_is_empty && column + 1 + columns > width) {
      lines += '\n';
      lines.append(static_cast<size_t>(indent), ' ');
      column = indent;
      line_is_empty = true;
    }
    if (!line_is_empty) lines += ' ';
    column += columns + (line_is_empty ? 0 : 1);
    lines += word;
    line_is_empty = false;
  }
  return lines;
}

std::string pad(std::string_view text, int64_t width) {
  const int64_t missing = std::max<int64_t>(0, width - text::display_width(text));
  return std::string(text) + std::string(static_cast<size_t>(missing), ' ');
}

std::string list_entry(const std::string& head, const std::string& meaning, int column, int width) {
  const bool beside = width >= narrow && static_cast<int>(head.size()) + 2 <= column;
  const int indent = width >= narrow ? column : narrow_meaning_column;
  const std::string wrapped = wrap(meaning, width, indent);
  if (beside) return pad(head, column) + wrapped + "\n";
  return head + "\n" + std::string(static_cast<size_t>(indent), ' ') + wrapped + "\n";
}

std::string cut(std::string_view text, int64_t width, std::string_view mark) {
  if (text::display_width(text) <= width) return std::string(text);
  std::string kept;
  int64_t columns = 0;
  bool full = false;
  text::for_each_character(text, text::Unit::grapheme, [&](std::string_view cluster) {
    columns += text::display_width(cluster);
    full = full || columns > width - text::display_width(mark);
    if (!full) kept += cluster;
  });
  return kept.append(mark);
}

std::string grouped(int64_t number) {
  std::string digits = fmt::format("{}", number);
  const int64_t first = number < 0 ? 1 : 0;
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<size_t>(at), 1, ',');
  }
  return digits;
}

std::string decimal(double number, int decimals) {
  return std::abs(number) < 1e9 ? fmt::format("{:.{}f}", number, decimals)
                                : fmt::format("{:.2e}", number);
}

std::string byte_size(int64_t bytes) {
  constexpr std::array<std::string_view, 5> units{"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  while (size >= 1024 && unit + 1 < units.size()) {
    size /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", size, units[unit]);
}

std::string characters_per_second(double number) {
  if (!(number >= 1000)) return fmt::format("{:.0f} char/s", number);
  return fmt::format("{:.1f}k char/s", number / 1000);
}

std::string clock_time(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e9) return "?";
  const int64_t whole = std::llround(seconds);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string bar(double share, int cells, bool utf8) {
  const double filled = std::clamp(std::isfinite(share) ? share : 0.0, 0.0, 1.0) * cells;
  const int whole = static_cast<int>(filled);
  std::string drawn;
  for (int i = 0; i < whole; ++i) drawn += utf8 ? "█" : "#";
  int used = whole;
  if (utf8 && whole < cells) {
    const auto eighths = static_cast<size_t>((filled - whole) * 8);
    drawn += left_blocks[eighths];
    used += eighths > 0 ? 1 : 0;
  }
  return drawn + std::string(static_cast<size_t>(cells - used), ' ');
}

std::string sparkline(std::span<const float> values, int cells, bool utf8) {
  const size_t columns = std::min(values.size(), static_cast<size_t>(cells));
  std::string drawn;
  for (size_t i = 0; i < columns; ++i) {
    const auto value = static_cast<double>(values[i * values.size() / columns]);
    const double level = std::isfinite(value) ? std::clamp((value + 1) / 2, 0.0, 0.999) : 0.0;
    const auto step = static_cast<size_t>(level * 8);
    drawn += utf8 ? low_blocks[step] : ascii_levels.substr(step, 1);
  }
  return drawn;
}

}  // namespace inkling::cli
