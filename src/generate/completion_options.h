#pragma once

#include <cstdint>

#include "base/option.h"

namespace inkling::generate {

// What is completed, and how long the search may take.
struct CompletionOptions {
  static constexpr int64_t most_k = 10000;

  int64_t k = 10;                 // completions wanted
  int64_t words = 1;              // of each completion; above 1 by a beam
  bool next = false;              // the next word, also where the last one could go on
  bool begun = false;             // the word at the text's end, also where it is probably finished
  int64_t max_expansions = 4000;  // prefixes read at most for each word; each costs a step of the
                                  // model and a state in memory
  int64_t time_limit_ms = 0;      // 0 = none
  int64_t candidates = 200;       // for a gap in the midst of a text

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    v(Option{.name = "k", .meaning = "how many words", .letter = 'k', .low = 1, .high = most_k}, k);
    v(Option{.name = "words",
             .meaning = "how many words each completion has; above 1 they are found by a beam, "
                        "nothing is proven, and where texts can end some are shorter (<end>)",
             .low = 1,
             .high = 100},
      words);
    v(Option{.name = "next", .meaning = "complete the next word, even if the last one could go on"},
      next);
    v(Option{.name = "begun", .meaning = "complete the last word, even if it is probably finished"},
      begun);
    v(Option{.name = "max-expansions",
             .meaning = "prefixes to look at for each word before the answer is the best so far",
             .low = 1,
             .high = 1e7},
      max_expansions);
    v(Option{.name = "time-limit-ms",
             .meaning =
                 "milliseconds of searching, once the text is read, before the answer is the best "
                 "so far; 0 = no limit",
             .low = 0,
             .high = 1e9},
      time_limit_ms);
    v(Option{.name = "candidates",
             .meaning =
                 "--fill: the most probable words behind what stands before the gap, of which "
                 "the best are chosen",
             .low = 1,
             .high = 100000},
      candidates);
  }

  // Throws UsageError: next together with begun.
  void validate() const;
};

}  // namespace inkling::generate
