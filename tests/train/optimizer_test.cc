#include "train/optimizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/random.h"
#include "nn/chunk_engine.h"
#include "nn/threads.h"
#include "support/random_network.h"
#include "train/good_state.h"

using namespace inkling;
using namespace inkling::train;

namespace {

// The same updates written plainly in double.
struct PlainOptimizer {
  const TrainOptions& options;
  std::vector<double> first, second;
  int64_t t = 0;

  // rests: those that are left out; last: the update in which each took part, 0 at first.
  void update(const std::vector<float>& gradient, double rate, std::vector<double>& weights,
              const std::vector<char>& rests, std::vector<int64_t>& last) {
    ++t;
    first.resize(weights.size()), second.resize(weights.size());
    double norm = 0;
    for (const float g : gradient) norm += static_cast<double>(g) * static_cast<double>(g);
    norm = std::sqrt(norm);
    const double clip =
        options.clip_norm > 0 && norm > options.clip_norm ? options.clip_norm / norm : 1;
    for (size_t i = 0; i < weights.size(); ++i) {
      if (rests[i] != 0) continue;
      double g = static_cast<double>(gradient[i]) * clip;
      if (options.clip_value > 0) g = std::clamp(g, -options.clip_value, options.clip_value);
      const auto gap = static_cast<double>(t - std::exchange(last[i], t));
      const double kept = std::pow(1 - rate * options.weight_decay, gap);
      weights[i] = kept * weights[i] - rate * direction(g, i, gap);
    }
  }
  void update(const std::vector<float>& gradient, double rate, std::vector<double>& weights) {
    std::vector<int64_t> last(weights.size(), t);
    update(gradient, rate, weights, std::vector<char>(weights.size()), last);
  }

  double direction(double g, size_t i, double gap) {
    constexpr double epsilon = 1e-8;
    if (options.optimizer == OptimizerKind::sgd) {
      const double kept = std::pow(options.momentum, gap);
      const double share = (1 - kept) / (1 - options.momentum);
      return first[i] = kept * first[i] + share * g;
    }
    second[i] = std::pow(options.beta2, gap) * second[i] + (1 - options.beta2) * g * g;
    if (options.optimizer == OptimizerKind::rmsprop) return g / (std::sqrt(second[i]) + epsilon);
    const double kept = std::pow(options.beta1, gap);
    first[i] = kept * first[i] + (1 - kept) * g;
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

TEST_CASE("only the rows of characters that occur are updated, and only in large vocabularies") {
  constexpr int64_t steps = 4, batch = 3, border = nn::LookUpRows::dense_up_to;
  const auto pool = nn::make_thread_pool(2);
  for (const OptimizerKind kind :
       {OptimizerKind::adam, OptimizerKind::rmsprop, OptimizerKind::sgd}) {
    for (const int64_t vocab : {border, border + 1}) {
      for (const int64_t embedding : {0, 7}) {
        CAPTURE(static_cast<int>(kind));
        CAPTURE(vocab);
        CAPTURE(embedding);
        nn::NetworkSpec spec = nn::NetworkSpec::chain(vocab, embedding, nn::CellKind::lstm, 2, 5);
        if (embedding == 0) spec.layers[1].inputs = {0, nn::LayerSpec::network_input};
        const nn::ParameterLayout layout(spec);
        TrainOptions options;
        options.optimizer = kind, options.weight_decay = 0.1;
        std::vector<float> weights = test::RandomNetwork(spec, 1, 1, 4).weights_as<float>();
        const std::vector<float> start = weights;
        std::vector<float> gradient(weights.size());
        nn::ChunkEngine engine(spec, {.batch = batch, .steps = steps}, *pool);
        Optimizer optimizer(options, layout.size(), &engine.look_up_rows());
        PlainOptimizer plain{options, {}, {}, 0};
        std::vector<double> expected(weights.begin(), weights.end());
        std::vector<int64_t> last(weights.size());
        for (const uint64_t chunk : {1U, 2U, 1U, 3U, 4U, 1U}) {
          const test::RandomNetwork random(spec, steps, batch, chunk);
          const std::vector<float> before = weights;
          std::vector<std::vector<float>> moments;
          for (const auto& moment : optimizer.moments())
            moments.emplace_back(moment.data(), moment.data() + moment.size());
          engine.set_weights(weights.data());
          engine.run(random.chunk(false), {}, gradient.data());
          const double norm = optimizer.norm(gradient.data(), *pool);
          CHECK(norm ==
                doctest::Approx(Optimizer(options, layout.size()).norm(gradient.data(), *pool))
                    .epsilon(1e-6));
          optimizer.update(gradient.data(), norm, 0.1, weights.data(), *pool);

          std::vector<char> rests(weights.size());
          for (const auto& table : engine.look_up_rows().sparse_tables()) {
            for (int64_t token = 0; token < vocab; ++token) {
              const auto& inputs = random.inputs;
              if (std::find(inputs.begin(), inputs.end(), token) == inputs.end())
                std::fill_n(rests.begin() + table.offset + token * table.cols, table.cols, 1);
            }
          }
          CHECK((std::count(rests.begin(), rests.end(), 1) > (vocab - steps * batch) * 4) ==
                (vocab > border));
          bool untouched = true;
          for (size_t i = 0; i < weights.size(); ++i) {
            if (rests[i] == 0) continue;
            untouched = untouched && weights[i] == before[i] && gradient[i] == 0;
            for (size_t m = 0; m < moments.size(); ++m)
              untouched =
                  untouched && optimizer.moments()[m][static_cast<int64_t>(i)] == moments[m][i];
          }
          CHECK(untouched);
          plain.update(gradient, 0.1, expected, rests, last);
        }
        for (size_t i = 0; i < weights.size(); ++i) {
          weights[i] -= start[i];
          expected[i] -= static_cast<double>(start[i]);
        }
        CHECK(test::relative_error(weights.data(), expected.data(), layout.size()) < 1e-5);
      }
    }
  }
}

TEST_CASE("weights that are gone back to remember when each row last took part") {
  const nn::NetworkSpec spec =
      nn::NetworkSpec::chain(nn::LookUpRows::dense_up_to + 1, 0, nn::CellKind::gru, 1, 4);
  const nn::ParameterLayout layout(spec);
  const auto pool = nn::make_thread_pool(1);
  std::vector<float> weights = test::RandomNetwork(spec, 1, 1, 4).weights_as<float>();
  std::vector<float> gradient(weights.size());
  nn::ChunkEngine engine(spec, {.batch = 2, .steps = 3}, *pool);
  const TrainOptions options;
  Optimizer optimizer(options, layout.size(), &engine.look_up_rows());
  const auto update = [&](uint64_t chunk) {
    engine.set_weights(weights.data());
    engine.run(test::RandomNetwork(spec, 3, 2, chunk).chunk(false), {}, gradient.data());
    optimizer.update(gradient.data(), 1, 0.1, weights.data(), *pool);
  };
  update(1);
  update(2);
  GoodState good;
  good.remember(weights, optimizer);
  const std::vector<float> good_weights = weights;
  const std::vector<int64_t> good_rows = optimizer.row_updates();
  good.fall_behind();
  update(1);
  update(3);
  REQUIRE(optimizer.row_updates() != good_rows);
  good.restore(weights, optimizer);
  CHECK(weights == good_weights);
  CHECK(optimizer.updates() == 2);
  CHECK(optimizer.row_updates() == good_rows);
}

TEST_CASE("over time a gradient counts as much as if its row were updated in every step") {
  const nn::NetworkSpec spec =
      nn::NetworkSpec::chain(nn::LookUpRows::dense_up_to + 1, 1, nn::CellKind::rnn, 1, 1);
  const nn::ParameterLayout layout(spec);
  ThreadPool pool(1);
  for (const OptimizerKind kind :
       {OptimizerKind::adam, OptimizerKind::rmsprop, OptimizerKind::sgd}) {
    CAPTURE(static_cast<int>(kind));
    TrainOptions options;
    options.optimizer = kind, options.clip_norm = 0;
    Random random(3);
    nn::LookUpRows rows(spec, 2);
    REQUIRE(rows.sparse_tables().size() == 1);
    Optimizer sparse(options, layout.size(), &rows), dense(options, layout.size());
    std::vector<float> sparse_weights(static_cast<size_t>(layout.size())),
        dense_weights = sparse_weights, gradient = sparse_weights;
    for (int step = 1; step <= 4000; ++step) {
      const bool occurs = step % 20 == 0;  // token 5, which has the embedding's number 5
      rows.read(std::vector<int32_t>{7, occurs ? 5 : 7});
      gradient[5] = occurs ? static_cast<float>(1 + 0.5 * random.normal()) : 0.F;
      gradient[7] = 0.1F;
      sparse.update(gradient.data(), 1, 1e-3, sparse_weights.data(), pool);
      dense.update(gradient.data(), 1, 1e-3, dense_weights.data(), pool);
    }
    CHECK(sparse_weights[7] == dense_weights[7]);
    CHECK(sparse_weights[5] == doctest::Approx(dense_weights[5]).epsilon(0.1));
  }
}
