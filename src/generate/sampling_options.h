#pragma once

#include <cstdint>

#include "base/option.h"

namespace inkling::generate {

// How the next character is drawn. Names and defaults are llama.cpp's; generate/sampler.h has the
// order of the filters.
struct SamplingOptions {
  double temp = 0.8;     // logits are divided by it; 0 = greedy
  int64_t top_k = 40;    // keep the k most probable; 0 = all
  double top_p = 0.95;   // keep the most probable until they hold top_p; 1 = all
  double min_p = 0.05;   // keep p >= min_p * p_max; 0 = all
  double typical = 1.0;  // keep those of most typical surprise until they hold typical; 1 = all
  double repeat_penalty =
      1.0;  // penalty on characters used lately; 1 = none, as letters repeat in all spelling
  int64_t repeat_last_n = 64;  // what "lately" means, in characters; 0 = never, -1 = the whole text
  int64_t seed = -1;           // -1 = from the system's entropy

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    v(Option{.name = "temp",
             .meaning = "temperature: below 1 safer, above 1 wilder; 0 = always the most probable",
             .low = 0},
      temp);
    v(Option{.name = "top-k",
             .meaning = "draw among the k most probable characters; 0 = all",
             .low = 0},
      top_k);
    v(Option{.name = "top-p",
             .meaning = "draw among the most probable that together hold this share; 1 = all",
             .low = 0,
             .high = 1},
      top_p);
    v(Option{.name = "min-p",
             .meaning = "leave out what is less probable than this share of the best; 0 = none",
             .low = 0,
             .high = 1},
      min_p);
    v(Option{.name = "typical",
             .meaning = "draw among the most typical that together hold this share; 1 = all",
             .low = 0,
             .high = 1},
      typical);
    v(Option{.name = "repeat-penalty",
             .meaning = "penalty on characters used lately; 1 = none",
             .low = 0,
             .above_low = true},
      repeat_penalty);
    v(Option{.name = "repeat-last-n",
             .meaning = "characters that count as lately; 0 = none, -1 = the whole text",
             .low = -1},
      repeat_last_n);
    v(Option{.name = "seed",
             .meaning = "the same seed writes the same text; -1 = a new one each time",
             .low = -1,
             .high = 9007199254740992.0},
      seed);  // 2^53: every JSON reader keeps it
  }

  // Throws UsageError: not a number, or infinite.
  void validate() const;

  // The seed itself, or one from the system's entropy (below 2^53) where it is -1.
  uint64_t chosen_seed() const;
};

}  // namespace inkling::generate
