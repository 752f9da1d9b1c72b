#include "edit/width_probe.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace inkling::edit {
namespace {

// In the order of WidthProfile's members.
constexpr std::array<std::string_view, 5> examples{"कि", "क्ष", "👩‍🚀", "👍🏽", "❤️"};
constexpr text::WidthProfile least{0, 0, 0, 0, 0};
constexpr text::WidthProfile most{1, 1, 2, 2, 1};
constexpr std::string_view where_is_the_cursor = "\033[6n";

}  // namespace

bool WidthProbe::needed(const Frame& frame) const {
  if (asked_) return false;
  return std::any_of(frame.rows.begin(), frame.rows.end(), [](const Row& row) {
    return std::any_of(row.cells.begin(), row.cells.end(), [](const Cell& cell) {
      return cell.glyph.size() > 3 &&
             text::cluster_width(cell.glyph, least) != text::cluster_width(cell.glyph, most);
    });
  });
}

std::string WidthProbe::question() {
  asked_ = true;
  std::string bytes;
  for (const std::string_view example : examples) {
    bytes += "\r";
    bytes += example;
    bytes += where_is_the_cursor;
  }
  return bytes + "\r\033[K";
}

std::optional<text::WidthProfile> WidthProbe::hear(int column) {
  if (!waiting()) return std::nullopt;
  columns_.push_back(column);
  if (waiting()) return std::nullopt;
  const auto beyond = [&](size_t example, int first) {
    return static_cast<int64_t>(std::clamp(columns_[example] - first, 0, 2));
  };
  return text::WidthProfile{.spacing_mark = beyond(0, 1),
                            .conjunct = beyond(1, 1),
                            .joined_emoji = beyond(2, 2),
                            .emoji_modifier = beyond(3, 2),
                            .emoji_selector = beyond(4, 1)};
}

}  // namespace inkling::edit
