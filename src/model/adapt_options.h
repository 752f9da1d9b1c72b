#pragma once

#include <cstdint>

#include "base/option.h"

namespace inkling::model {

// How an AdaptiveModel learns. The defaults were tried (tests/bench/adapt_grid.sh) on text like the
// model's own, which gains a little, and loses with a tenth of the pull, and on text very unlike
// it, which gains much and would like less pull.
struct AdaptOptions {
  double rate = 0.0007;  // how far a weight goes in a step, in the mean
  double pull = 0.005;   // share of the way back to the trained weights, each step
  int64_t every = 16;    // characters between two steps

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    v(Option{.name = "adapt-rate",
             .meaning = "how far a weight goes in each step; 0 = nothing is learned",
             .low = 0,
             .high = 1},
      rate);
    v(Option{.name = "adapt-pull",
             .meaning =
                 "share of the way that weights go back to the trained ones in each step; 0 = "
                 "no pull",
             .low = 0,
             .high = 1},
      pull);
    v(Option{.name = "adapt-every",
             .meaning = "characters between two steps",
             .low = 1,
             .high = 1024},
      every);
  }
};

}  // namespace inkling::model
