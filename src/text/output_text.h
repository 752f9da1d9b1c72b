#pragma once

#include <string>
#include <string_view>

#include "text/text_options.h"

namespace inkling::text {

// Joins what a model writes into text that may be shown: nothing that could still become part of a
// longer grapheme cluster (or is half a code point, for bytes) leaves before the next piece, or
// finish(), decides. Ill-formed bytes come out as U+FFFD. The pieces returned, concatenated, are
// whole grapheme clusters each.
class OutputText {
 public:
  explicit OutputText(Unit unit) : unit_(unit) {}

  // Adds a token's bytes; returns what is now certain to be whole (often the previous cluster,
  // perhaps "").
  std::string add(std::string_view bytes);
  // What is left; afterwards the object is empty again.
  std::string finish();

 private:
  Unit unit_;
  std::string held_;
};

}  // namespace inkling::text
