#pragma once

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace inkling::text {

// One of ICU's break iterators over UTF-8 text of any length. Not thread-safe.
class Boundaries {
 public:
  enum class Kind { cluster, word, sentence, line };
  struct Boundary {
    int64_t end = 0;     // byte offset
    int32_t status = 0;  // ICU's rule status of the stretch before it
  };

  explicit Boundaries(Kind kind);

  // All boundaries but the one at 0, in order; none for an empty text. The result lives until the
  // next call. piece: text is given to ICU in pieces of about so many bytes, which overlap as far
  // as a boundary may depend on what follows it. (A single stretch longer than that is cut after
  // `piece` bytes, at a code point; in a dictionary's script, piece by piece words may differ.)
  const std::vector<Boundary>& find(std::string_view text, int64_t piece = int64_t{4} << 20);

 private:
  struct CloseText {
    void operator()(UText* text) const { utext_close(text); }
  };

  // Those of text[begin, end), as offsets in text.
  void find_in_piece(std::string_view text, int64_t begin, int64_t end);

  Kind kind_;
  std::unique_ptr<icu::BreakIterator> iterator_;
  std::unique_ptr<UText, CloseText> text_;
  std::vector<Boundary> found_;
};

}  // namespace inkling::text
