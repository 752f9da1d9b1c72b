#include "train/weight_drop.h"

#include <doctest/doctest.h>

using namespace inkling;
using train::WeightDrop;

namespace {

using Role = nn::ParameterInfo::Role;

const nn::ParameterLayout& layout() {
  static const nn::ParameterLayout two_layers(
      nn::NetworkSpec::chain(20, 0, nn::CellKind::lstm, 2, 90));
  return two_layers;
}

std::vector<float> some_weights() {
  std::vector<float> weights(static_cast<size_t>(layout().size()));
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = 1 + static_cast<float>(i % 101);
  return weights;
}

}  // namespace

TEST_CASE("weight drop takes its share of every recurrent matrix, and nothing else") {
  ThreadPool pool(2);
  WeightDrop weight_drop(0.3, layout());
  const std::vector<float> weights = some_weights();
  const std::vector<float> dropped = weight_drop.drop(weights, 7, pool);
  for (const nn::ParameterInfo& info : layout().all()) {
    CAPTURE(info.name);
    int64_t gone = 0;
    for (int64_t i = info.offset; i < info.offset + info.size(); ++i) {
      const auto at = static_cast<size_t>(i);
      const bool kept = dropped[at] != 0;
      gone += !kept;
      const float scale = info.role == Role::recurrent_weight ? 1 / 0.7F : 1.F;
      if (kept) REQUIRE(dropped[at] == doctest::Approx(weights[at] * scale).epsilon(1e-6));
    }
    const double share = static_cast<double>(gone) / static_cast<double>(info.size());
    // 32,400 numbers: five standard deviations are 0.013.
    CHECK(share == doctest::Approx(info.role == Role::recurrent_weight ? 0.3 : 0).epsilon(0.045));
  }
}

TEST_CASE("what is dropped depends on the key alone, and no two tensors or keys share a choice") {
  ThreadPool one(1), two(2);
  WeightDrop weight_drop(0.5, layout());
  const std::vector<float> weights = some_weights();
  const std::vector<float> dropped = weight_drop.drop(weights, 7, one);
  CHECK(weight_drop.drop(weights, 7, two) == dropped);
  const std::vector<float> other = weight_drop.drop(weights, 8, two);
  const nn::ParameterInfo& first = layout().at("rnn.weight_hh_l0");
  const nn::ParameterInfo& second = layout().at("rnn.weight_hh_l1");
  int64_t same_layers = 0, same_keys = 0;
  for (int64_t i = 0; i < first.size(); ++i) {
    const auto a = static_cast<size_t>(first.offset + i),
               b = static_cast<size_t>(second.offset + i);
    same_layers += (dropped[a] == 0) == (dropped[b] == 0);
    same_keys += (dropped[a] == 0) == (other[a] == 0);
  }
  const auto half = static_cast<double>(first.size()) / 2;
  CHECK(static_cast<double>(same_layers) == doctest::Approx(half).epsilon(0.03));
  CHECK(static_cast<double>(same_keys) == doctest::Approx(half).epsilon(0.03));
}

TEST_CASE("the gradient by dropped weights becomes that by the weights") {
  ThreadPool pool(2);
  WeightDrop weight_drop(0.4, layout());
  const std::vector<float> ones(static_cast<size_t>(layout().size()), 1.F);
  // drop() is linear: its derivative is what it makes of ones.
  const std::vector<float> derivative = weight_drop.drop(ones, 3, pool);
  nn::Buffer<float> gradient(layout().size());
  for (int64_t i = 0; i < gradient.size(); ++i) gradient[i] = static_cast<float>(i % 7) - 3;
  weight_drop.pass_back(3, gradient, pool);
  int64_t wrong = 0;
  for (int64_t i = 0; i < gradient.size(); ++i)
    wrong += gradient[i] != (static_cast<float>(i % 7) - 3) * derivative[static_cast<size_t>(i)];
  CHECK(wrong == 0);
}
