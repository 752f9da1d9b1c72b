#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace inkling::text {

// A stretch of text between two neighbouring ICU boundaries, byte offsets [begin, end).
struct Segment {
  int64_t begin = 0;
  int64_t end = 0;
  bool is_word = false;  // letters, kana, ideographs or numbers: ICU rule status >=
                         // UBRK_WORD_NUMBER (100); false for spaces and punctuation
};

// Whether a sentence may end in, or at the end of, a text: not where it has no full stop, question
// mark, line's end or anything else of Sentence_Break STerm, ATerm or ParaSep (Unicode Standard
// Annex 29).
bool may_end_sentence(std::string_view text);

// ICU's boundaries of words, sentences and what else text is made of (root locale; dictionaries for
// Thai, Chinese, Japanese, ...). Not thread-safe: one object for each thread.
class WordBreaker {
 public:
  WordBreaker();
  ~WordBreaker();
  WordBreaker(WordBreaker&&) noexcept;

  // All segments of well-formed UTF-8 text, in order, without gaps.
  std::vector<Segment> words(std::string_view text);
  std::vector<Segment> sentences(std::string_view text);
  // Grapheme clusters.
  std::vector<Segment> clusters(std::string_view text);
  // What stands in one line: between them it may be broken.
  std::vector<Segment> unbroken(std::string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkling::text
