#include "base/random.h"

#include <doctest/doctest.h>

#include <array>

using inkling::mix_bits;
using inkling::Random;

TEST_CASE("the numbers are those of the published generators") {
  CHECK(mix_bits(0) == 0xe220a8397b1dcdafU);
  Random random;
  random.set_state({1, 2, 3, 4});
  for (const uint64_t expected : {11520U, 0U, 1509978240U}) CHECK(random.bits() == expected);
  CHECK(random.bits() == 1215971899390074240U);
}

TEST_CASE("seeds and streams differ, a state goes on where it was") {
  CHECK(Random(1).bits() == Random(1).bits());
  CHECK(Random(1).bits() != Random(2).bits());
  CHECK(Random(1, 0).bits() != Random(1, 1).bits());
  CHECK(Random(1, 2).bits() != Random(2, 1).bits());
  Random random(7);
  random.bits();
  Random again;
  again.set_state(random.state());
  CHECK(again.bits() == random.bits());
}

TEST_CASE("the distributions have their ranges, means and variances") {
  Random random(3);
  constexpr int n = 200000;
  double sum = 0;
  double normal = 0;
  double squares = 0;
  std::array<int, 7> counts{};
  for (int i = 0; i < n; ++i) {
    const double x = random.uniform(-1, 3);
    REQUIRE((x >= -1 && x < 3));
    sum += x;
    ++counts.at(random.below(7));
    const double z = random.normal();
    normal += z;
    squares += z * z;
  }
  // Five standard errors each.
  CHECK(std::abs(sum / n - 1) < 5 * 4 / std::sqrt(12.0 * n));
  for (const int count : counts) CHECK(std::abs(count - n / 7.0) < 5 * std::sqrt(n / 7.0));
  CHECK(std::abs(normal / n) < 5 / std::sqrt(n));
  CHECK(std::abs(squares / n - 1) < 5 * std::sqrt(2.0 / n));
  CHECK(random.below(1) == 0);
}
