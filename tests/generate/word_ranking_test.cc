#include "generate/word_ranking.h"

#include <doctest/doctest.h>

namespace inkling::generate {
namespace {

using Indices = std::vector<int32_t>;

TEST_CASE("words are ranked by what is certain of them, and what is not certain is named") {
  struct Row {
    std::vector<Bounds> words;
    size_t k;
    Indices best;
    double least;
    bool ordered;
    Indices blurred;
  };
  const std::vector<Row> table{
      {{}, 3, {}, 0, true, {}},
      {{{.1, .1}, {.3, .3}, {.2, .2}}, 2, {1, 2}, .2, true, {}},
      {{{.1, .1}, {.3, .3}, {.2, .2}}, 3, {1, 2, 0}, .1, true, {}},
      {{{.1, .1}, {.3, .3}}, 3, {1, 0}, 0, true, {}},
      {{{.3, .4}, {.2, .2}}, 2, {0, 1}, .2, true, {}},        // uncertain, but not the order
      {{{.3, .3}, {.2, .35}}, 2, {0, 1}, .2, false, {0, 1}},  // the second may be the first
      {{{.3, .3}, {.2, .2}, {.1, .25}}, 2, {0, 1}, .2, false, {1, 2}},  // the third beats it
      {{{.3, .3}, {.0, .2}}, 2, {0}, 0, false, {1}},
      {{{.3, .3}, {.2, .3}}, 2, {0, 1}, .2, true, {}},  // at best a tie
      {{{.2, .3}, {.2, .2}}, 1, {0}, .2, true, {}},
  };
  for (const Row& row : table) {
    const WordRanking ranking = rank_words(row.words, row.k, 1);
    CHECK(ranking.best == row.best);
    CHECK(ranking.least == row.least);
    CHECK(ranking.ordered == row.ordered);
    CHECK(ranking.blurred == row.blurred);
  }
}

TEST_CASE("listed words with bounds wider than asked are blurred, others are not") {
  const std::vector<Bounds> words{{.3, .35}, {.2, .2}, {.01, .1}};
  CHECK(rank_words(words, 2, 0.01).blurred == Indices{0});
  CHECK(rank_words(words, 2, 0.01).ordered);
  CHECK(rank_words(words, 2, 0.1).blurred.empty());
}

}  // namespace
}  // namespace inkling::generate
