#include "train/optimizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/random.h"
#include "support/random_network.h"

using namespace inkling;
using namespace inkling::train;

namespace {

// The same updates written plainly in double.
struct PlainOptimizer {
  const TrainOptions& options;
  std::vector<double> first, second;
  int64_t t = 0;

  void update(const std::vector<float>& gradient, double rate, std::vector<double>& weights) {
    ++t;
    first.resize(weights.size()), second.resize(weights.size());
    double norm = 0;
    for (const float g : gradient) norm += static_cast<double>(g) * static_cast<double>(g);
    norm = std::sqrt(norm);
    const double clip =
        options.clip_norm > 0 && norm > options.clip_norm ? options.clip_norm / norm : 1;
    for (size_t i = 0; i < weights.size(); ++i) {
      double g = static_cast<double>(gradient[i]) * clip;
      if (options.clip_value > 0) g = std::clamp(g, -options.clip_value, options.clip_value);
      weights[i] -= rate * (options.weight_decay * weights[i] + direction(g, i));
    }
  }

  double direction(double g, size_t i) {
    constexpr double epsilon = 1e-8;
    if (options.optimizer == OptimizerKind::sgd) {
      return first[i] = options.momentum * first[i] + g;
    }
    second[i] = options.beta2 * second[i] + (1 - options.beta2) * g * g;
    if (options.optimizer == OptimizerKind::rmsprop) return g / (std::sqrt(second[i]) + epsilon);
    first[i] = options.beta1 * first[i] + (1 - options.beta1) * g;
    const double mean = first[i] / (1 - std::pow(options.beta1, static_cast<double>(t)));
    const double square = second[i] / (1 - std::pow(options.beta2, static_cast<double>(t)));
    return mean / (std::sqrt(square) + epsilon);
  }
};

std::vector<float> random_numbers(int64_t size, double scale, Random& random) {
  std::vector<float> numbers;
  for (int64_t i = 0; i < size; ++i) numbers.push_back(static_cast<float>(scale * random.normal()));
  return numbers;
}

}  // namespace

TEST_CASE("the optimizers do what their definitions say, in double") {
  struct Case {
    std::string what;
    OptimizerKind kind;
    void (*set)(TrainOptions&);
  };
  constexpr auto adam = OptimizerKind::adam, rmsprop = OptimizerKind::rmsprop,
                 sgd = OptimizerKind::sgd;
  const Case cases[] = {
      {"adam", adam, [](TrainOptions&) {}},
      {"adam, other betas", adam, [](TrainOptions& o) { o.beta1 = 0.5, o.beta2 = 0.999; }},
      {"AdamW", adam, [](TrainOptions& o) { o.weight_decay = 0.3; }},
      {"rmsprop", rmsprop, [](TrainOptions&) {}},
      {"rmsprop with decay", rmsprop, [](TrainOptions& o) { o.weight_decay = 0.3; }},
      {"sgd", sgd, [](TrainOptions& o) { o.momentum = 0; }},
      {"sgd with momentum", sgd, [](TrainOptions&) {}},
      {"sgd with decay", sgd, [](TrainOptions& o) { o.weight_decay = 0.3; }},
      {"no clipping", sgd, [](TrainOptions& o) { o.clip_norm = 0; }},
      {"a norm below the limit", sgd, [](TrainOptions& o) { o.clip_norm = 1e6; }},
      {"clipping by value", sgd, [](TrainOptions& o) { o.clip_norm = 0, o.clip_value = 0.05; }},
      {"clipping by both", adam, [](TrainOptions& o) { o.clip_norm = 5, o.clip_value = 0.03; }},
  };
  // One number, less than a block, more than two blocks.
  for (const int64_t size : {1, 1000, 2 * 16384 + 37}) {
    for (const Case& c : cases) {
      CAPTURE(c.what);
      CAPTURE(size);
      TrainOptions options;
      options.optimizer = c.kind;
      c.set(options);
      Random random(5);
      ThreadPool pool(2);
      Optimizer optimizer(options, size);
      PlainOptimizer plain{options, {}, {}, 0};
      const std::vector<float> start = random_numbers(size, 0.01, random);
      std::vector<float> weights = start;
      std::vector<double> expected(start.begin(), start.end());
      for (int step = 0; step < 6; ++step) {
        const double rate = 0.01 * (step + 1);
        const std::vector<float> gradient = random_numbers(size, 0.1, random);
        optimizer.update(gradient.data(), optimizer.norm(gradient.data(), pool), rate,
                         weights.data(), pool);
        plain.update(gradient, rate, expected);
      }
      CHECK(optimizer.updates() == 6);
      // Of the way that the weights went, not of the weights.
      for (size_t i = 0; i < start.size(); ++i) {
        weights[i] -= start[i];
        expected[i] -= static_cast<double>(start[i]);
      }
      CHECK(test::relative_error(weights.data(), expected.data(), size) < 1e-5);
    }
  }
}

TEST_CASE("the global norm, and its bits on any number of threads") {
  Random random(3);
  const int64_t size = 5 * 16384 + 11;
  std::vector<float> gradient = random_numbers(size, 3, random);
  double square = 0;
  for (const float g : gradient) square += static_cast<double>(g) * static_cast<double>(g);
  Optimizer optimizer(TrainOptions(), size);
  ThreadPool one(1), three(3);
  const double norm = optimizer.norm(gradient.data(), one);
  CHECK(norm == doctest::Approx(std::sqrt(square)).epsilon(1e-6));
  CHECK(optimizer.norm(gradient.data(), three) == norm);
  for (const float bad :
       {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::quiet_NaN()}) {
    for (const size_t at : {size_t{0}, size_t{16384}, gradient.size() - 1}) {
      const float kept = std::exchange(gradient[at], bad);
      CHECK_FALSE(std::isfinite(optimizer.norm(gradient.data(), one)));
      gradient[at] = kept;
    }
  }
}

TEST_CASE("an update with its moments given back goes on as if it had never stopped") {
  for (const OptimizerKind kind :
       {OptimizerKind::adam, OptimizerKind::rmsprop, OptimizerKind::sgd}) {
    TrainOptions options;
    options.optimizer = kind;
    Random random(8);
    ThreadPool pool(1);
    const std::vector<float> gradient = random_numbers(100, 1, random);
    std::vector<float> weights(100), resumed;
    Optimizer first(options, 100);
    first.update(gradient.data(), 1, 0.1, weights.data(), pool);
    resumed = weights;
    Optimizer second(options, 100);
    second.set_updates(first.updates());
    REQUIRE(second.moments().size() == first.moments().size());
    for (size_t m = 0; m < first.moments().size(); ++m) {
      std::copy_n(first.moments()[m].data(), 100, second.moments()[m].data());
    }
    first.update(gradient.data(), 1, 0.1, weights.data(), pool);
    second.update(gradient.data(), 1, 0.1, resumed.data(), pool);
    CHECK(resumed == weights);
  }
}
