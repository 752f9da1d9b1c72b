#include "cli/prompt/shown_text.h"

#include <utility>

#include "text/segmenter.h"

namespace inkling::cli {
namespace {

constexpr std::string_view bold = "\033[1m";
constexpr std::string_view reset = "\033[0m";

}  // namespace

ShownText::ShownText(Output& out, bool shaded)
    : out_(out),
      shaded_(shaded),
      lines_([&out] { return out.columns(); },
             {[this](std::string_view text) { show(text); },
              [this](std::string_view blanks) { break_line(blanks); }}) {}

void ShownText::lead_in(std::string_view line) {
  const bool shaded = std::exchange(shaded_, false);
  const bool color = out_.terminal().color && !line.empty();
  if (color) out_.print(bold);
  lines_.add(line);
  lines_.finish();
  if (color) out_.print(reset);
  shaded_ = shaded;
}

void ShownText::show(std::string_view text) {
  if (!shaded_) return out_.stream(text);
  text::for_each_character(text, text::Unit::grapheme, [this](std::string_view character) {
    out_.print(shade_of(surprises_.take(character.size())));
    out_.text(character);
  });
  out_.stream("");
}

void ShownText::break_line(std::string_view blanks) {
  if (shaded_) surprises_.take(blanks.size());
  out_.print("\n");
}

}  // namespace inkling::cli
