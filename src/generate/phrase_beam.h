#pragma once

#include <string>
#include <vector>

#include "generate/completion.h"
#include "generate/read_text.h"
#include "generate/word_search.h"

namespace inkling::generate {

// Completions several words long: the most probable ones are lengthened by a word each, as often as
// asked for, and so many are kept as there were. A phrase's probability is that of all its
// characters, read as these words, and of its last word's end; where a document can end, also that
// of a shorter one and of the end of the text without another word. What is not among the kept ones
// is lost, so the most probable phrases need not be among them.
class PhraseBeam {
 public:
  struct Phrase {
    Completion completion;
    Bounds characters;  // their probability, whatever comes behind them
  };

  // All must outlive it; the read text and the search are used.
  PhraseBeam(const text::Tokenizer& tokenizer, ReadText& read, WordSearch& search)
      : tokenizer_(tokenizer), read_(read), search_(search) {}

  // Completions of `prompt` (normalised), each one word long, become `words` long or end before, in
  // descending order, at most as many, each known to `width`. limits: of each word. Returns the
  // prefixes read. At the limits they stay shorter, are known less well, or are
  // lost where others were lengthened.
  int64_t lengthen(const std::string& prompt, int64_t words, double width,
                   const WordSearch::Limits& limits, std::vector<Phrase>& phrases);

 private:
  void lengthen(const std::string& prompt, const Phrase& phrase, size_t most, double width,
                const WordSearch::Limits& limits, std::vector<Phrase>& longer);

  const text::Tokenizer& tokenizer_;
  ReadText& read_;
  WordSearch& search_;
  text::WordBreaker breaker_;
};

}  // namespace inkling::generate
