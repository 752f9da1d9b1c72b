#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/words.h"

namespace inkling::generate {

// Lets text through up to the end of its N-th word or sentence, by ICU's boundaries. Where one ends
// is seen only in what follows it, so text that may lie behind the end is held back:
// - a word has ended when white space follows, else when a boundary stands before two further
//   characters ("mat." may become "mat.com");
// - a sentence has ended with a line, else when a boundary stands and a word has begun behind it
//   ("etc. (a" goes on). Blanks behind the last one are left out.
// A copy goes on by itself; each may be in a thread of its own.
class BoundaryLimit {
 public:
  enum class Kind { none, sentences, words };

  // What is begun at the prompt's end counts as the first. Kind::none lets everything through.
  BoundaryLimit(Kind kind, int64_t count, std::string_view prompt);

  // Adds whole grapheme clusters; returns what may be shown now: "" once the end was reached.
  std::string add(std::string_view text);
  // No more text comes: what was held back, up to the end of the N-th.
  std::string finish();
  bool reached() const { return kind_ != Kind::none && remaining_ == 0; }

 private:
  std::vector<text::Segment> segments();
  bool counts(const text::Segment& segment) const;
  bool has_ended(const text::Segment& segment);
  size_t last_end(const text::Segment& segment) const;
  std::string show_until(size_t end);

  Kind kind_;
  int64_t remaining_;
  std::string text_;       // what is not settled yet, from the beginning of a segment
  size_t prompt_end_ = 0;  // the prompt's part of text_
  size_t shown_ = 0;       // the part of text_ that was shown, the prompt's included
  bool may_end_ = true;    // whether text_ has what a sentence may end with
};

}  // namespace inkling::generate
