#include "nn/strips.h"

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

using namespace inkling::nn;

TEST_CASE("strips hold 16 units of all rows and then the next 16") {
  constexpr int64_t rows = 3, hidden = 48, strip = LayerKernels::strip_units;
  std::vector<float> from(rows * hidden), strips(from.size()), back(from.size());
  std::iota(from.begin(), from.end(), 1.F);
  rows_to_strips(from.data(), rows, hidden, strips.data());
  CHECK(strips[0] == from[0]);
  CHECK(strips[strip] == from[hidden]);        // the second row's first unit
  CHECK(strips[rows * strip] == from[strip]);  // the next units of the first row
  strips_to_rows(strips.data(), rows, hidden, back.data());
  CHECK(back == from);
}
