#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace inkling::generate {

// What is known of a probability; exact when the bounds are equal.
struct Bounds {
  double low = 0;
  double high = 0;
};

// The k best of some words by what is known of them.
struct WordRanking {
  std::vector<int32_t>
      best;          // indices, low descending, then high, then index; words of low 0 are left out
  double least = 0;  // low of the k-th; 0 where there are fewer
  bool ordered = false;  // no bounds overlap that could change the list or its order
  std::vector<int32_t>
      blurred;  // whose bounds overlap so, or lie in the list and are wider than `width`
};

WordRanking rank_words(std::span<const Bounds> words, size_t k, double width);

}  // namespace inkling::generate
