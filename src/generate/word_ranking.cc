#include "generate/word_ranking.h"

#include <algorithm>
#include <numeric>

namespace inkling::generate {
namespace {

// Bounds are sums in different orders: what overlaps by a rounding only is a tie.
constexpr double rounding = 1e-12;

}  // namespace

WordRanking rank_words(std::span<const Bounds> words, size_t k, double width) {
  const auto at = [words](int32_t i) -> const Bounds& { return words[static_cast<size_t>(i)]; };
  std::vector<int32_t> order(words.size());
  std::iota(order.begin(), order.end(), 0);
  const size_t n = std::min(k, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<int64_t>(n), order.end(),
                    [at](int32_t a, int32_t b) {
                      if (at(a).low != at(b).low) return at(a).low > at(b).low;
                      return at(a).high != at(b).high ? at(a).high > at(b).high : a < b;
                    });
  WordRanking ranking;
  while (ranking.best.size() < n && at(order[ranking.best.size()]).low > 0) {
    ranking.best.push_back(order[ranking.best.size()]);
  }
  const size_t listed = ranking.best.size();
  if (listed == k && k > 0) ranking.least = at(ranking.best.back()).low;

  // What comes behind the list may overtake its last; with a shorter list, nothing is left out but
  // words of low 0.
  double greatest = 0;  // high of all that follow
  std::vector<bool> blurred(words.size(), false);
  for (size_t i = listed; i < order.size(); ++i) {
    const double high = at(order[i]).high;
    greatest = std::max(greatest, high);
    if (high > ranking.least + rounding) blurred[static_cast<size_t>(order[i])] = true;
  }
  ranking.ordered = greatest <= ranking.least + rounding;
  for (size_t i = listed; i-- > 0;) {
    const auto [low, high] = at(order[i]);
    if (greatest > low + rounding) {
      ranking.ordered = false;
      blurred[static_cast<size_t>(order[i])] = true;
      for (size_t j = i + 1; j < listed; ++j) {
        if (at(order[j]).high > low + rounding) blurred[static_cast<size_t>(order[j])] = true;
      }
    }
    if (high - low > width) blurred[static_cast<size_t>(order[i])] = true;
    greatest = std::max(greatest, high);
  }
  for (size_t i = 0; i < blurred.size(); ++i) {
    if (blurred[i]) ranking.blurred.push_back(static_cast<int32_t>(i));
  }
  return ranking;
}

}  // namespace inkling::generate
