#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nn/chunk_engine.h"
#include "nn/plain_network.h"
#include "nn/threads.h"
#include "support/random_network.h"
#include "train/optimizer.h"

// Ten training steps against what PyTorch computed in double: golden/training.json, written by
// golden/make_golden.py.
namespace inkling::nn {
namespace {

const nlohmann::json& golden() {
  static const nlohmann::json values = [] {
    std::ifstream file(INKLING_SOURCE_FOLDER "/tests/golden/training.json");
    return nlohmann::json::parse(file);
  }();
  return values;
}

constexpr std::array<const char*, 4> cells{"rnn-tanh", "rnn-relu", "lstm", "gru"};

struct Setting {
  NetworkSpec spec;
  ParameterLayout layout;
  int64_t steps = golden()["steps"], batch = golden()["batch"];
  std::vector<double> weights;

  explicit Setting(const std::string& cell)
      : spec(spec_of(cell)), layout(spec), weights(static_cast<size_t>(layout.size())) {
    int64_t k = 0;
    for (const ParameterInfo& info : layout.all()) {
      for (int64_t i = 0; i < info.size(); ++i, ++k)
        weights[place(info, i)] = std::sin(1.7 * static_cast<double>(k) + 0.3) / 2;
    }
  }
  static NetworkSpec spec_of(const std::string& cell) {
    const CellKind kind = cell == "lstm"  ? CellKind::lstm
                          : cell == "gru" ? CellKind::gru
                                          : CellKind::rnn;
    NetworkSpec spec =
        NetworkSpec::chain(golden()["vocab"], 0, kind, golden()["layers"], golden()["hidden"]);
    if (cell == "rnn-relu") spec.activation = Activation::relu;
    return spec;
  }
  // Where number i of a tensor, in the file's order, lies in a flat buffer.
  static size_t place(const ParameterInfo& info, int64_t i) {
    const int64_t at = info.transposed ? i % info.rows * info.cols + i / info.rows : i;
    return static_cast<size_t>(info.offset + at);
  }
  static int32_t token(int64_t k) { return static_cast<int32_t>((k * k + 3 * (k / 4)) % 7); }
  void fill(int64_t step, std::vector<int32_t>& inputs, std::vector<int32_t>& targets) const {
    inputs.clear(), targets.clear();
    for (int64_t i = 0; i < steps * batch; ++i) {
      inputs.push_back(token(step * steps * batch + i));
      targets.push_back(token(step * steps * batch + i + batch));
    }
  }
  template <class T>
  void check_gradient(const nlohmann::json& expected, const T* gradient, double tolerance) const {
    for (const ParameterInfo& info : layout.all()) {
      const std::vector<double> values = expected[info.name];
      std::vector<double> ours;
      for (int64_t i = 0; i < info.size(); ++i)
        ours.push_back(static_cast<double>(gradient[place(info, i)]));
      CAPTURE(info.name);
      CHECK(test::relative_error(ours.data(), values.data(), info.size()) < tolerance);
    }
  }
};

TEST_CASE("ten steps of gradient descent are PyTorch's, to 1e-9 in double") {
  for (const std::string cell : cells) {
    Setting s(cell);
    const nlohmann::json& expected = golden()["cells"][cell]["sgd"];
    PlainNetwork<double> network(s.spec);
    std::vector<double> state(static_cast<size_t>(s.batch * s.spec.state_size()));
    std::vector<int32_t> inputs, targets;
    for (int64_t step = 0; step < 10; ++step) {
      s.fill(step, inputs, targets);
      std::vector<double> gradient(s.weights.size());
      const double loss =
          network.run(s.weights, {s.steps, inputs.data(), targets.data(), nullptr, false}, s.batch,
                      {}, state, &gradient);
      INFO(cell, " step ", step);
      CHECK(std::abs(loss - expected["losses"][static_cast<size_t>(step)].get<double>()) < 1e-9);
      if (step == 0) s.check_gradient(expected["gradients"][0], gradient.data(), 1e-9);
      if (step == 9) s.check_gradient(expected["gradients"][1], gradient.data(), 1e-9);
      for (size_t i = 0; i < gradient.size(); ++i) s.weights[i] -= 0.5 * gradient[i];
    }
  }
}

// The fast path with one of our optimizers; `check` sees every step's loss and gradient.
template <class Check>
void train_fast(const std::string& cell, const train::TrainOptions& options, const Check& check) {
  const Setting s(cell);
  std::vector<float> weights(s.weights.begin(), s.weights.end());
  const auto pool = make_thread_pool(2);
  ChunkEngine engine(s.spec, {.batch = s.batch, .steps = s.steps}, *pool);
  train::Optimizer optimizer(options, s.layout.size());
  std::vector<float> gradient(weights.size());
  std::vector<int32_t> inputs, targets;
  for (int64_t step = 0; step < 10; ++step) {
    s.fill(step, inputs, targets);
    engine.set_weights(weights.data());
    const LossSum loss =
        engine.run({s.steps, inputs.data(), targets.data(), nullptr, false}, {}, gradient.data());
    check(s, step, loss.loss(), gradient.data());
    optimizer.update(gradient.data(), optimizer.norm(gradient.data(), *pool), options.learning_rate,
                     weights.data(), *pool);
  }
}

TEST_CASE("ten steps of the fast path are PyTorch's, to 1e-4") {
  train::TrainOptions sgd;
  sgd.optimizer = train::OptimizerKind::sgd;
  sgd.learning_rate = 0.5, sgd.momentum = 0, sgd.clip_norm = 0;
  train::TrainOptions adam;
  adam.learning_rate = 0.01, adam.clip_norm = 1;
  for (const std::string cell : cells) {
    const nlohmann::json& expected = golden()["cells"][cell];
    train_fast(cell, sgd, [&](const Setting& s, int64_t step, double loss, const float* gradient) {
      INFO(cell, " sgd step ", step);
      CHECK(std::abs(loss - expected["sgd"]["losses"][static_cast<size_t>(step)].get<double>()) <
            1e-4);
      if (step == 0) s.check_gradient(expected["sgd"]["gradients"][0], gradient, 1e-4);
      if (step == 9) s.check_gradient(expected["sgd"]["gradients"][1], gradient, 1e-4);
    });
    train_fast(cell, adam, [&](const Setting&, int64_t step, double loss, const float*) {
      INFO(cell, " adam step ", step);
      CHECK(std::abs(loss - expected["adam"]["losses"][static_cast<size_t>(step)].get<double>()) <
            1e-4);
    });
  }
}

}  // namespace
}  // namespace inkling::nn
