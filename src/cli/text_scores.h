#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "text/corpus.h"
#include "text/vocabulary.h"

namespace inkling::cli {

// The scores of single positions of a text, in nats, and their sums by line.
class TextScores {
 public:
  struct Line {
    int64_t number = 0;  // from 1; in documents mode every end of a document ends a line too
    double nats = 0;
    int64_t characters = 0;  // predicted; what ends the line is one of them
    std::string text;        // as the model reads it, without what ends the line
    double loss() const { return nats / static_cast<double>(characters); }
  };

  // Both must outlive it.
  TextScores(const text::CorpusPart& part, const text::Vocabulary& vocabulary);

  void set(int64_t position, double nats) { nats_[static_cast<size_t>(position)] = nats; }

  // visit(character, nats) for every scored position; special tokens are "<end>" and "<unk>".
  template <class Visit>
  void for_each_character(Visit&& visit) const {
    for (size_t i = 0; i < nats_.size(); ++i) {
      if (nats_[i] == nats_[i]) visit(shown(part_.text.tokens[i]), nats_[i]);
    }
  }
  // Lines with text of which something was predicted.
  std::vector<Line> lines() const;

 private:
  std::string shown(text::Token token) const;

  const text::CorpusPart& part_;
  const text::Vocabulary& vocabulary_;
  std::vector<double> nats_;  // [positions]; NaN = not predicted
};

}  // namespace inkling::cli
