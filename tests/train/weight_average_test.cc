#include "train/weight_average.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/refusal.h"

using namespace inkling;
using namespace inkling::testing;
using train::WeightAverage;

namespace {

// The mean after following weights that are f(step), step = 1, 2, ...
template <class F>
std::vector<float> mean_of(double share, int64_t steps, int threads, size_t size, F f) {
  ThreadPool pool(threads);
  std::vector<float> mean;
  WeightAverage average(share, mean);
  average.begin(std::vector<float>(size, 100.F));
  for (int64_t step = 1; step <= steps; ++step) {
    std::vector<float> weights(size);
    for (size_t i = 0; i < size; ++i) weights[i] = f(step, i);
    average.follow(weights, pool);
  }
  return mean;
}

}  // namespace

TEST_CASE("averaging over the whole run is the arithmetic mean of its steps, some for four") {
  const auto at_step = [](int64_t step, size_t i) {
    return static_cast<float>(step * step) + static_cast<float>(i);
  };
  // Steps 1, 2, 3, 4; 5, 9 and 13 stand for those behind them, too.
  const std::vector<float> mean = mean_of(1, 16, 1, 3, at_step);
  const float squares = (1 + 4 + 9 + 16 + 4 * (25 + 81 + 169)) / 16.F;
  for (size_t i = 0; i < 3; ++i)
    CHECK(mean[i] == doctest::Approx(squares + static_cast<float>(i)).epsilon(1e-6));
}

TEST_CASE("averaging over the last part forgets what lies before it, and follows a drift") {
  constexpr int64_t steps = 4000;
  const auto step_up = [](int64_t step, size_t) { return step <= steps / 2 ? 100.F : 1.F; };
  // Half the run ago counts (1/2)^(1/share).
  CHECK(mean_of(0.1, steps, 1, 1, step_up)[0] ==
        doctest::Approx(1 + 99 * std::pow(0.5, 10)).epsilon(0.01));
  // On a straight line the mean lies about `share` behind.
  const auto line = [](int64_t step, size_t) { return static_cast<float>(step); };
  CHECK(mean_of(0.1, steps, 1, 1, line)[0] == doctest::Approx(steps / 1.1).epsilon(0.01));
  CHECK(mean_of(1e-9, steps, 1, 1, line)[0] == doctest::Approx(steps).epsilon(0.001));
}

TEST_CASE("the mean of a few steps follows each of them, and later one in four") {
  const auto line = [](int64_t step, size_t) { return static_cast<float>(step); };
  CHECK(mean_of(0.1, 4, 1, 1, line)[0] > 3.5F);
  CHECK(mean_of(0.1, 20, 1, 1, line)[0] > 18.F);
  ThreadPool pool(1);
  std::vector<float> mean;
  WeightAverage average(0.1, mean);
  average.begin({0.F});
  for (int step = 1; step <= 80; ++step) {
    const std::vector<float> before = mean;
    average.follow({static_cast<float>(step)}, pool);
    CAPTURE(step);
    CHECK((mean != before) == (step <= 40 || step % 4 == 1));
    CHECK(average.has_moved_in(1) == (step < 40 || step % 4 == 1));
    CHECK(average.has_moved_in(4));
  }
}

TEST_CASE("the mean has the same bits on any number of threads") {
  const auto noise = [](int64_t step, size_t i) {
    return std::sin(static_cast<float>(step) * 0.7F + static_cast<float>(i));
  };
  const auto one = mean_of(0.1, 40, 1, 100'000, noise);
  CHECK(mean_of(0.1, 40, 2, 100'000, noise) == one);
  CHECK(mean_of(0.1, 40, 3, 100'000, noise) == one);
}

TEST_CASE("a mean comes back from a checkpoint and goes on as if never interrupted") {
  ThreadPool pool(1);
  std::vector<float> whole_mean, first_mean, second_mean;
  WeightAverage whole(0.2, whole_mean), first(0.2, first_mean), second(0.2, second_mean);
  const std::vector<float> start{1, 2, 3};
  whole.begin(start), first.begin(start);
  const auto at_step = [&](int step) {
    return std::vector<float>{static_cast<float>(step), std::sqrt(static_cast<float>(step)), 1.F};
  };
  for (int step = 1; step <= 11; ++step) {
    whole.follow(at_step(step), pool);
    if (step <= 6) first.follow(at_step(step), pool);
  }
  model::ModelFile checkpoint;
  model::ModelView written{checkpoint.model};
  first.save(written);
  for (const model::TensorView& view : written.extra) {
    checkpoint.extra.push_back(
        {view.name, view.dtype, view.shape, {view.bytes.begin(), view.bytes.end()}});
  }
  CHECK(says(refusal([&] { second.load(checkpoint, 4); }), "state.average"));
  second.load(checkpoint, 3);
  for (int step = 7; step <= 11; ++step) second.follow(at_step(step), pool);
  CHECK(second_mean == whole_mean);

  CHECK(says(refusal([&] { second.load({}, 3); }), "state.average"));
  for (model::ExtraTensor& tensor : checkpoint.extra) {
    if (tensor.name != "state.average.steps") continue;
    std::fill(tensor.bytes.begin(), tensor.bytes.end(), std::byte{0xff});  // -1
  }
  CHECK(says(refusal([&] { second.load(checkpoint, 3); }), "state.average.steps"));
}
