#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "text/vocabulary.h"

namespace inkling::generate {

// Which characters would go on with a repetition of what stands earlier in a text, and how long it
// is by then: what DRY judges.
class Repetitions {
 public:
  // Looks back `window` characters at least and twice as many at most, where those of
  // `least_length` and longer matter.
  Repetitions(text::Token vocab_size, int64_t window, int64_t least_length);

  void clear();
  void add(text::Token token);
  // All of these, or as many of the last ones as it looks back at.
  void add(std::span<const text::Token> tokens);

  // [V] for each token the length of the longest end of the text that stood before, with this token
  // behind it; 0 = none of least_length. Lives until the next call.
  std::span<const int32_t> lengths();

 private:
  void forget_before(int32_t begin);

  size_t window_;
  int32_t least_length_;
  std::vector<text::Token> text_;
  std::vector<int32_t> match_;  // [text] the longest common end of the text up to here and of all
  std::vector<int32_t> matching_;  // where that is not 0, from the back
  std::vector<int32_t> matched_;   // the same before the last token came
  std::vector<int32_t> before_;    // [text] where its token stood before; -1 = nowhere
  std::vector<int32_t> latest_;    // [V] where each token stands last; -1 = nowhere
  std::vector<int32_t> lengths_;   // [V]
};

}  // namespace inkling::generate
