#pragma once

#include <string_view>

#include "cli/output.h"
#include "cli/prompt/shade.h"
#include "cli/word_wrap.h"

namespace inkling::cli {

// What a model writes, as it is shown on standard output while it comes: at a terminal its lines
// are broken between words, and where that is asked for each character is coloured by how little it
// was expected.
class ShownText {
 public:
  // out: must outlive it.
  ShownText(Output& out, bool shaded, const text::WidthProfile& widths);
  ShownText(const ShownText&) = delete;  // its lines refer to it
  ShownText& operator=(const ShownText&) = delete;

  // See WordWrap. Nothing in the row: the one before it is full, and a blank hangs over its margin.
  void stand_behind(std::string_view row);
  // What a person wrote before it, bold where there are colours. A word that it ends in stays
  // together with the rest of it.
  void lead_in(std::string_view line);
  // A character that is drawn, and its surprise in bits; before it is added.
  void draw(std::string_view character, double surprise) { surprises_.add(character, surprise); }
  void add(std::string_view piece);
  // Shows what is held back.
  void finish() { lines_.finish(); }

 private:
  void show(std::string_view text);
  void show_lead(std::string_view text);
  void break_line(std::string_view blanks);

  Output& out_;
  const bool shaded_;
  bool blank_hangs_ = false;
  size_t lead_left_ = 0;  // bytes of a person's that were not shown yet
  SurpriseQueue surprises_;
  WordWrap lines_;
};

}  // namespace inkling::cli
