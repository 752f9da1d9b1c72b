#include "nn/initialize.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "nn/parameter_layout.h"
#include "nn/threads.h"

using namespace inkling;
using namespace inkling::nn;

namespace {

// The largest weight of a tensor.
double largest(const NetworkSpec& spec, const InitializeOptions& how, const char* name) {
  Random random(3);
  const auto pool = make_thread_pool(1);
  const std::vector<float> weights = initialize(spec, how, random, *pool);
  const ParameterLayout layout(spec);
  const ParameterInfo& info = layout.at(name);
  float most = 0;
  for (int64_t i = 0; i < info.size(); ++i)
    most = std::max(most, std::abs(weights[static_cast<size_t>(info.offset + i)]));
  return static_cast<double>(most);
}

}  // namespace

TEST_CASE("the head of networks side by side that learn apart begins with its part of each") {
  const NetworkSpec one = NetworkSpec::chain(40, 0, CellKind::lstm, 2, 100),
                    four = one.side_by_side(4);
  const double alone = largest(one, {}, "fc.weight");
  CHECK(alone == doctest::Approx(0.1).epsilon(0.01));
  CHECK(largest(four, {.heads_apart = true}, "fc.weight") ==
        doctest::Approx(alone / 4).epsilon(0.01));
  CHECK(largest(four, {}, "fc.weight") == doctest::Approx(alone / 2).epsilon(0.01));
  CHECK(largest(four, {.orthogonal = false, .heads_apart = true}, "rnn.weight_hh_l7") ==
        doctest::Approx(0.1).epsilon(0.01));
}
