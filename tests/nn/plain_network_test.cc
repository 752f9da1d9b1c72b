#include "nn/plain_network.h"

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <string>
#include <vector>

#include "support/random_network.h"

namespace inkling::nn {
namespace {

using Complex = std::complex<double>;
using test::RandomNetwork;

// Every gradient against the derivative by a complex step, Im f(x + ih) / h: no subtraction, hence
// no cancellation.
void check_gradients(const NetworkSpec& spec, bool last_step_only = false) {
  const RandomNetwork random(spec, 6, 3, 17);
  const Chunk chunk = random.chunk(true, last_step_only);
  const Dropout dropout = Dropout::with_rate(0.3, 5);
  PlainNetwork<double> network(spec);
  PlainNetwork<Complex> complex_network(spec);
  std::vector<double> gradient(random.weights.size());
  auto state = random.state;
  network.run(random.weights, chunk, 3, dropout, state, &gradient);

  constexpr double h = 1e-30;
  auto weights = random.weights_as<Complex>();
  for (const ParameterInfo& info : network.layout().all()) {
    std::vector<double> derivative;
    for (int64_t i = 0; i < info.size(); ++i) {
      Complex& w = weights[static_cast<size_t>(info.offset + i)];
      const Complex kept = w;
      w += Complex(0, h);
      auto complex_state = random.state_as<Complex>();
      derivative.push_back(complex_network.run(weights, chunk, 3, dropout, complex_state).imag() /
                           h * static_cast<double>(spec.stacks()));
      w = kept;
    }
    CAPTURE(info.name);
    CHECK(test::relative_error(gradient.data() + info.offset, derivative.data(), info.size()) <
          1e-9);
  }
}

struct Kind {
  CellKind cell;
  Activation activation;
};
constexpr std::array kinds{
    Kind{CellKind::rnn, Activation::tanh}, Kind{CellKind::rnn, Activation::relu},
    Kind{CellKind::lstm, Activation::tanh}, Kind{CellKind::gru, Activation::tanh}};

NetworkSpec small(const Kind& kind, int64_t embedding, int layers) {
  NetworkSpec spec = NetworkSpec::chain(5, embedding, kind.cell, layers, 4);
  spec.activation = kind.activation;
  return spec;
}

TEST_CASE("gradients of every cell are the complex-step derivatives") {
  for (const Kind& kind : kinds) {
    for (const int64_t embedding : {0, 3}) {
      for (const int layers : {1, 2, 3}) {
        INFO(cell_names[static_cast<size_t>(kind.cell)], " layers ", layers, " embedding ",
             embedding);
        check_gradients(small(kind, embedding, layers));
      }
    }
  }
}

TEST_CASE(
    "so are those of layer normalisation, learned initial states, skips, and the many-to-one "
    "loss") {
  for (const Kind& kind : kinds) {
    INFO(cell_names[static_cast<size_t>(kind.cell)]);
    for (const bool last_step_only : {false, true}) {
      NetworkSpec spec = small(kind, 3, 2);
      spec.layer_norm = true;
      spec.initial_state = InitialState::learned;
      check_gradients(spec, last_step_only);
      spec.layers[1].inputs = {LayerSpec::network_input, 0};
      spec.head_inputs = {0, 1};
      check_gradients(spec, last_step_only);
    }
  }
}

TEST_CASE("so are those of networks side by side") {
  for (const Kind& kind : kinds) {
    INFO(cell_names[static_cast<size_t>(kind.cell)]);
    for (const bool last_step_only : {false, true})
      check_gradients(small(kind, 0, 1).side_by_side(3), last_step_only);
    check_gradients(small(kind, 3, 2).side_by_side(2));
  }
}

TEST_CASE("networks side by side have the mean of their losses and of their probabilities") {
  const NetworkSpec one = small(kinds[2], 0, 2), two = one.side_by_side(2);
  const RandomNetwork random(two, 5, 2, 11);
  const ParameterLayout layout(two), part(one);
  const int64_t hidden = one.layers.back().hidden_size, vocab = one.vocab_size;
  double loss = 0;
  std::vector<double> mean(static_cast<size_t>(5 * 2 * vocab));
  for (int64_t k = 0; k < 2; ++k) {
    std::vector<double> weights(static_cast<size_t>(part.size()));
    const auto take = [&](const std::string& to, const std::string& from, int64_t row) {
      const ParameterInfo& target = part.at(to);
      const double* source = random.weights.data() + layout.at(from).offset + row * target.cols;
      for (int64_t i = 0; i < target.size(); ++i)
        weights[static_cast<size_t>(target.offset + i)] = source[i];
    };
    for (int l = 0; l < 2; ++l) {
      for (const char* name :
           {"rnn.weight_ih_l", "rnn.weight_hh_l", "rnn.bias_ih_l", "rnn.bias_hh_l"})
        take(name + std::to_string(l), name + std::to_string(2 * k + l), 0);
    }
    take("fc.weight", "fc.weight", k * hidden);
    take("fc.bias", "fc.bias", 0);
    std::vector<double> state, probs;
    const auto size = static_cast<ptrdiff_t>(one.state_size());
    for (ptrdiff_t b = 0; b < 2; ++b) {
      const auto begin = random.state.begin() + (2 * b + k) * size;
      state.insert(state.end(), begin, begin + size);
    }
    loss += PlainNetwork<double>(one).run(weights, random.chunk(), 2, {}, state, nullptr, &probs);
    for (size_t i = 0; i < probs.size(); ++i) mean[i] += probs[i] / 2;
  }
  std::vector<double> state = random.state, probs;
  const double together =
      PlainNetwork<double>(two).run(random.weights, random.chunk(), 2, {}, state, nullptr, &probs);
  CHECK(together == doctest::Approx(loss / 2).epsilon(1e-12));
  CHECK(test::relative_error(probs.data(), mean.data(), std::ssize(mean)) < 1e-12);
}

TEST_CASE("running a chunk twice doubles every gradient") {
  const NetworkSpec spec = small(kinds[2], 3, 2);
  const RandomNetwork random(spec, 5, 2, 1);
  PlainNetwork<double> network(spec);
  std::vector<double> once(random.weights.size()), twice(random.weights.size());
  for (int i = 0; i < 3; ++i) {
    auto state = random.state;
    network.run(random.weights, random.chunk(), 2, {}, state, i == 0 ? &once : &twice);
  }
  for (size_t i = 0; i < once.size(); ++i)
    CHECK(twice[i] == doctest::Approx(2 * once[i]).epsilon(1e-12));
}

TEST_CASE("a stream of a batch is the stream alone") {
  for (const Kind& kind : kinds) {
    const NetworkSpec spec = small(kind, 0, 2);
    const RandomNetwork random(spec, 4, 3, 9);
    PlainNetwork<double> network(spec);
    auto state = random.state;
    network.run(random.weights, random.chunk(), 3, {}, state);
    const auto size = static_cast<size_t>(spec.state_size());
    for (size_t b = 0; b < 3; ++b) {
      std::vector<int32_t> inputs, targets;
      std::vector<uint8_t> resets;
      for (size_t t = 0; t < 4; ++t) {
        inputs.push_back(random.inputs[t * 3 + b]), targets.push_back(0),
            resets.push_back(random.resets[t * 3 + b]);
      }
      std::vector<double> alone(random.state.begin() + static_cast<ptrdiff_t>(b * size),
                                random.state.begin() + static_cast<ptrdiff_t>((b + 1) * size));
      network.run(random.weights, {4, inputs.data(), targets.data(), resets.data(), false}, 1, {},
                  alone);
      CHECK(
          std::equal(alone.begin(), alone.end(), state.begin() + static_cast<ptrdiff_t>(b * size)));
    }
  }
}

}  // namespace
}  // namespace inkling::nn
