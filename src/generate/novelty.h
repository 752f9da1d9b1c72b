#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "text/corpus.h"
#include "text/tokenizer.h"

namespace inkling::generate {

// A passage of a text that stands word for word in a corpus.
struct Passage {
  int64_t begin = 0;  // bytes of the text, [begin, end)
  int64_t end = 0;
  int64_t characters = 0;  // grapheme clusters
  int64_t words = 0;
  std::string source;  // where it stands (one of the places): the file
  int64_t line = 0;    // from 1, where it begins there
};

// What of a text is not new.
struct Novelty {
  int64_t characters = 0;  // of the whole text, grapheme clusters
  int64_t copied = 0;      // of these in passages
  // Of the least length and longer, none within another, in their order; they may overlap.
  std::vector<Passage> passages;
  // The longest of all, however short; nothing where no word of the text stands in the corpus.
  std::optional<Passage> longest;

  double share() const {
    return characters == 0 ? 0 : static_cast<double>(copied) / static_cast<double>(characters);
  }
};

// Compares texts that a model has written with a corpus, which is read as the model reads it. A
// passage begins and ends with whole words of the text and is as long as it can be; `least` counts
// characters. Beyond the corpus itself memory goes with the texts: some hundred bytes for each of
// theirs.
std::vector<Novelty> compare_with_corpus(std::span<const std::string> texts,
                                         std::span<const text::SourceText> corpus,
                                         const text::Tokenizer& tokenizer, int64_t least);

}  // namespace inkling::generate
