#include "generate/shares.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/error.h"

namespace inkling::generate {
namespace {

constexpr float none = -std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

// Of all but <unk>, whose logit is the last.
std::vector<double> shares_of(const std::vector<float>& logits) {
  std::vector<double> shares(logits.size() - 1, -1);
  set_shares(logits, shares);
  return shares;
}

TEST_CASE("shares are probabilities without <unk>, none where every character is impossible") {
  const float third = std::log(3.F);
  for (const float unknown : {0.F, 50.F, none}) {
    const std::vector<double> shares = shares_of({0, third, none, unknown});
    CHECK(shares[0] == doctest::Approx(0.25).epsilon(1e-6));
    CHECK(shares[1] == doctest::Approx(0.75).epsilon(1e-6));
    CHECK(shares[2] == 0);
    CHECK(shares_of({none, none, unknown}) == std::vector<double>{0, 0});
  }
  CHECK(shares_of({1e30F, -1e30F, 0}) == std::vector<double>{1, 0});
  CHECK(log_share(std::vector<float>{0, third, 50}, 1, 2) ==
        doctest::Approx(std::log(0.75)).epsilon(1e-6));
}

TEST_CASE("logits that are no numbers have no shares") {
  for (const std::vector<float>& logits :
       {std::vector<float>{nan, 0, 0}, {0, nan, 0}, {none, nan, 0}, {-none, 0, 0}}) {
    CHECK_THROWS_AS(shares_of(logits), DataError);
    CHECK_THROWS_AS(log_share(logits, 0, 2), DataError);
  }
}

}  // namespace
}  // namespace inkling::generate
