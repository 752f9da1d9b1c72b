#include "cli/edit_distance.h"

#include <doctest/doctest.h>

#include <array>

using inkling::cli::did_you_mean;
using inkling::cli::edit_distance;

TEST_CASE("edit_distance counts insertions, deletions, replacements and swaps of neighbours") {
  struct Row {
    const char *a, *b;
    size_t distance;
  };
  for (const Row& row :
       {Row{"", "", 0}, Row{"", "abc", 3}, Row{"train", "train", 0}, Row{"trian", "train", 1},
        Row{"tran", "train", 1}, Row{"trains", "train", 1}, Row{"brain", "train", 1},
        Row{"kitten", "sitting", 3}}) {
    CAPTURE(row.a);
    CHECK(edit_distance(row.a, row.b) == row.distance);
    CHECK(edit_distance(row.b, row.a) == row.distance);
  }
}

TEST_CASE("did_you_mean names the nearest word, or one that was begun, or nothing") {
  constexpr std::array<std::string_view, 4> known{"hidden-size", "num-layers", "seed", "top-k"};
  CHECK(did_you_mean("hiden-size", known) == "; did you mean 'hidden-size'?");
  CHECK(did_you_mean("sed", known) == "; did you mean 'seed'?");
  CHECK(did_you_mean("hidden", known) == "; did you mean 'hidden-size'?");
  CHECK(did_you_mean("zebra", known) == "");
  CHECK(did_you_mean("", known) == "");
  CHECK(did_you_mean("1", std::array<std::string_view, 2>{"0", "2"}) == "");
  CHECK(did_you_mean(std::string(100000, 'x'), known) == "");
}
