#include "cli/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/layout.h"
#include "text/display_width.h"

namespace inkling::cli {
namespace {

constexpr std::chrono::milliseconds redraw_interval{100};
constexpr int64_t longest_bar = 24;
constexpr int64_t shortest_bar = 5;

std::string validation(double loss) {
  if (std::isnan(loss)) return "";
  return fmt::format("val {:.3f} ({:.2f} bpc)", loss, loss / std::numbers::ln2);
}

}  // namespace

std::string progress_line(const train::Progress& progress, int width, bool utf8) {
  struct Field {
    int importance;  // 0 = kept longest
    std::string text;
  };
  std::array<Field, 7> fields{{
      {0, fmt::format("{:3.0f} %", progress.share_done * 100)},
      {1, clock_time(progress.seconds_left) + " left"},
      {4, characters_per_second(progress.chars_per_second)},
      {3, fmt::format("train {:.3f}", progress.train_loss)},
      {2, validation(progress.val_loss)},
      {5, fmt::format("lr {:.1e}", progress.learning_rate)},
      {6, fmt::format("grad {:.2f}", progress.grad_norm)},
  }};
  int64_t room = width - 1 - (shortest_bar + 2);
  std::array<bool, fields.size()> kept{};
  for (int importance = 0; importance < static_cast<int>(fields.size()); ++importance) {
    for (size_t i = 0; i < fields.size(); ++i) {
      const int64_t columns = text::display_width(fields[i].text) + 2;
      if (fields[i].importance != importance || fields[i].text.empty() || columns > room) continue;
      kept[i] = true;
      room -= columns;
    }
  }
  const auto cells =
      static_cast<int>(std::min(longest_bar, shortest_bar + std::max<int64_t>(room, 0)));
  std::string line =
      fmt::format("{0}{1}{0}", utf8 ? "│" : "|", bar(progress.share_done, cells, utf8));
  for (size_t i = 0; i < fields.size(); ++i) {
    if (kept[i]) line += "  " + fields[i].text;
  }
  return line;
}

std::string evaluation_line(const train::Progress& progress, int width) {
  std::vector<std::string> fields{
      fmt::format("step {}", progress.step), fmt::format("epoch {:.2f}", progress.epoch),
      fmt::format("{:.1f} s", progress.seconds), fmt::format("train {:.4f}", progress.train_loss)};
  if (!std::isnan(progress.val_loss)) {
    fields.push_back(fmt::format("val {:.4f} ({:.4f} bpc)", progress.val_loss,
                                 progress.val_loss / std::numbers::ln2));
  }
  fields.push_back(fmt::format("lr {:.2e}", progress.learning_rate));
  fields.push_back(fmt::format("grad {:.3f}", progress.grad_norm));
  fields.push_back(characters_per_second(progress.chars_per_second));
  constexpr std::string_view gap = "  ", next_row = "\n    ";
  std::string line;
  size_t row = 0;  // where it begins
  for (const std::string& field : fields) {
    const size_t end = line.size() - row + gap.size() + field.size();
    if (row < line.size() && std::cmp_greater(end, width)) {
      row = line.size() + 1;
      line += next_row;
    } else if (!line.empty()) {
      line += gap;
    }
    line += field;
  }
  return line;
}

void ProgressBar::draw(const train::Progress& progress) {
  if (!talk_.terminal().redraws || talk_.quiet()) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < redraw_interval) return;
  drawn_ = now;
  constexpr int interrupt_mark = 2;  // "^C", which a terminal writes behind it
  const int width = terminal_width(STDERR_FILENO) - interrupt_mark;
  talk_.status(progress_line(progress, width, talk_.terminal().utf8));
}

}  // namespace inkling::cli
