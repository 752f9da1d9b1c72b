#include "cli/prompt/shown_text.h"

#include <algorithm>

#include "text/segmenter.h"

namespace inkling::cli {
namespace {

constexpr std::string_view bold = "\033[1m";
constexpr std::string_view reset = "\033[0m";

}  // namespace

ShownText::ShownText(Output& out, bool shaded, const text::WidthProfile& widths)
    : out_(out),
      shaded_(shaded),
      lines_([&out] { return out.columns(); },
             {[this](std::string_view text) { show(text); },
              [this](std::string_view blanks) { break_line(blanks); }},
             widths) {}

void ShownText::stand_behind(std::string_view row) {
  blank_hangs_ = row.empty();
  lines_.stand_behind(row);
}

void ShownText::add(std::string_view piece) {
  if (blank_hangs_ && !piece.empty()) {
    blank_hangs_ = false;
    if (piece.starts_with(' ')) {
      if (shaded_) surprises_.take(1);
      piece.remove_prefix(1);
    }
  }
  lines_.add(piece);
}

void ShownText::lead_in(std::string_view line) {
  lead_left_ += line.size();
  lines_.add(line);
}

void ShownText::show(std::string_view text) {
  const size_t lead = std::min(lead_left_, text.size());
  if (lead > 0) show_lead(text.substr(0, lead));
  text.remove_prefix(lead);
  if (!shaded_) return out_.stream(text);
  text::for_each_character(text, text::Unit::grapheme, [this](std::string_view character) {
    out_.print(shade_of(surprises_.take(character.size())));
    out_.text(character);
  });
  out_.stream("");
}

void ShownText::show_lead(std::string_view text) {
  const bool color = out_.terminal().color;
  if (color) out_.print(bold);
  out_.text(text);
  if (color) out_.print(reset);
  lead_left_ -= text.size();
}

void ShownText::break_line(std::string_view blanks) {
  const size_t lead = std::min(lead_left_, blanks.size());
  lead_left_ -= lead;
  if (shaded_) surprises_.take(blanks.size() - lead);
  out_.print("\n");
}

}  // namespace inkling::cli
