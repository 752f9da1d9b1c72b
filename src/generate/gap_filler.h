#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "generate/completer.h"

namespace inkling::generate {

// A word for a gap in a text.
struct Filling {
  std::string word;
  std::string insert;  // what to put in the gap's place
  double log_probability =
      0;             // ln P(insert and all that stands behind the gap | what stands before)
  double share = 0;  // its part of the probability of all candidates: they sum to 1
};

struct FillResult {
  std::string left, right;          // what stands around the gap
  std::vector<Filling> fillings{};  // in descending order
  int64_t candidates = 0;
  bool ended_early = false;  // there may be more candidates: the budget of their search was spent
};

// Ranks words for a gap in the midst of a text by the probability of the whole text: the most
// probable words behind what stands before the gap are candidates (a Completer's; where the gap
// joins a begun word, that word's ends), and each is scored with what stands behind it. A word that
// the left side makes improbable is no candidate, however well it fits the right one: the ranking
// is not exact.
class GapFiller {
 public:
  // The model must outlive it.
  explicit GapFiller(NextCharacter& model);

  // options: k words of `candidates`; budgets limit the search for these. Throws UsageError where
  // the text has not one gap, or it is at the text's end, which is a Completer's task.
  FillResult fill(std::string_view text, const CompletionOptions& options);

 private:
  NextCharacter& model_;
  Completer completer_;
  SlotPool slots_;
  ReadText left_;
  text::WordBreaker breaker_;
};

}  // namespace inkling::generate
