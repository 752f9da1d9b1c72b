#include "nn/step_engine.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/option.h"
#include "nn/plain_network.h"
#include "nn/threads.h"
#include "support/random_network.h"

namespace inkling::nn {
namespace {

using test::RandomNetwork;

// Steps `batch` streams through random tokens in both, and compares the distributions after the
// last.
double worst_difference(const NetworkSpec& spec, int64_t batch, Precision precision, int threads) {
  const int64_t steps = 5;
  const RandomNetwork random(spec, steps, batch, 11);
  PlainNetwork<double> plain(spec);
  std::vector<double> state = random.state, probs;
  plain.run(random.weights, random.chunk(false), batch, {}, state, nullptr, &probs);

  const auto pool = make_thread_pool(threads);
  const auto weights = random.weights_as<float>();
  StepEngine engine(spec, weights.data(), precision, pool.get());
  auto states = random.state_as<float>();
  std::vector<float*> rows;
  for (int64_t b = 0; b < batch; ++b) rows.push_back(states.data() + b * spec.state_size());
  std::vector<float> logits(static_cast<size_t>(batch * spec.vocab_size));
  for (int64_t t = 0; t < steps; ++t) {
    engine.step(std::span(random.inputs)
                    .subspan(static_cast<size_t>(t * batch), static_cast<size_t>(batch)),
                rows, logits.data());
  }
  double worst = 0;
  for (int64_t b = 0; b < batch; ++b) {
    const float* row = logits.data() + b * spec.vocab_size;
    double sum = 0;
    for (int64_t v = 0; v < spec.vocab_size; ++v) sum += std::exp(static_cast<double>(row[v]));
    for (int64_t v = 0; v < spec.vocab_size; ++v) {
      const double expected =
          probs[static_cast<size_t>(((steps - 1) * batch + b) * spec.vocab_size + v)];
      worst = std::max(worst, std::abs(std::exp(static_cast<double>(row[v])) / sum - expected));
    }
  }
  return worst;
}

TEST_CASE("stepping is the plain network, for every cell and odd size") {
  for (const CellKind cell : {CellKind::rnn, CellKind::lstm, CellKind::gru}) {
    for (const int64_t size : {1, 7, 15, 16, 17, 33, 65}) {
      for (const bool norm : {false, true}) {
        NetworkSpec spec = NetworkSpec::chain(size + 2, size % 2 == 0 ? 5 : 0, cell, 2, size);
        spec.layer_norm = norm;
        spec.layers[1].inputs = {LayerSpec::network_input, 0};
        spec.head_inputs = {0, 1};
        INFO(cell_names[static_cast<size_t>(cell)], " size ", size, norm);
        CHECK(worst_difference(spec, size, Precision::f32, 1) < 1e-5);
        CHECK(worst_difference(spec, size, Precision::bf16, 2) < 2e-2);
        CHECK(worst_difference(spec, size, Precision::int8, 2) < 3e-2);
      }
    }
  }
}

TEST_CASE("stepping gives the logarithms of a mixture's probabilities") {
  for (const CellKind cell : {CellKind::rnn, CellKind::lstm, CellKind::gru}) {
    for (const int64_t size : {1, 16, 33}) {
      INFO(cell_names[static_cast<size_t>(cell)], " size ", size);
      const NetworkSpec spec = NetworkSpec::chain(size + 2, 0, cell, 2, size).side_by_side(3);
      CHECK(worst_difference(spec, size, Precision::f32, 1) < 1e-5);
      CHECK(worst_difference(spec, size, Precision::bf16, 2) < 2e-2);
    }
  }
  // Where a network is sure, the other characters' probabilities are tiny, but no logit is
  // infinite.
  const NetworkSpec sure = NetworkSpec::chain(3, 0, CellKind::rnn, 1, 4).side_by_side(2);
  const ParameterLayout layout(sure);
  std::vector<float> weights(static_cast<size_t>(layout.size()));
  weights[static_cast<size_t>(layout.at("fc.bias").offset)] = 1e4F;
  StepEngine engine(sure, weights.data(), Precision::f32);
  std::vector<float> state(static_cast<size_t>(sure.state_size())), logits(3);
  float* row = state.data();
  const int32_t token = 0;
  engine.step({&token, 1}, {&row, 1}, logits.data());
  CHECK(logits[0] == 0);
  CHECK(logits[1] < -80);
  CHECK(std::isfinite(logits[1]));
}

// A step of `batch` streams: their logits, and then their states. So many steps of the same streams
// go before it in copies of their states: a step is shared among threads in one way or another by
// its number.
std::vector<float> after_a_step(const RandomNetwork& random, const NetworkSpec& spec,
                                Precision precision, int64_t first, int64_t batch, int threads,
                                int before = 0) {
  const auto pool = make_thread_pool(threads);
  const auto weights = random.weights_as<float>();
  StepEngine engine(spec, weights.data(), precision, pool.get());
  const auto all = random.state_as<float>();
  std::vector<float> result(static_cast<size_t>(batch * spec.vocab_size));
  result.insert(result.end(), all.begin() + first * spec.state_size(),
                all.begin() + (first + batch) * spec.state_size());
  const auto tokens =
      std::span(random.inputs).subspan(static_cast<size_t>(first), static_cast<size_t>(batch));
  const auto step = [&](std::vector<float>& values) {
    std::vector<float*> rows;
    for (int64_t b = 0; b < batch; ++b)
      rows.push_back(values.data() + batch * spec.vocab_size + b * spec.state_size());
    engine.step(tokens, rows, values.data());
  };
  for (auto copy = result; before > 0; --before) step(copy);
  step(result);
  return result;
}

TEST_CASE("a stream's result does not depend on its neighbours or on the threads") {
  NetworkSpec plain = NetworkSpec::chain(70, 0, CellKind::lstm, 2, 300), normed = plain;
  normed.layer_norm = true;
  // Wide enough for the threads to share its cells and its softmax.
  const NetworkSpec one = NetworkSpec::chain(200, 0, CellKind::gru, 1, 130);
  // Fewer than the threads, and one more.
  const NetworkSpec two = one.side_by_side(2), four = one.side_by_side(4);
  for (const NetworkSpec& spec : {plain, normed, two, four}) {
    // In the last batch, more than one pass over the weights for each of three threads.
    const size_t streams = spec.mixture ? 200 : 100;
    const RandomNetwork random(spec, 1, static_cast<int64_t>(streams), 2);
    const auto logits = static_cast<size_t>(spec.vocab_size),
               state = static_cast<size_t>(spec.state_size());
    for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
      std::vector<std::vector<float>> alone;
      for (size_t stream = 0; stream < streams; ++stream)
        alone.push_back(after_a_step(random, spec, precision, static_cast<int64_t>(stream), 1, 1));
      for (const size_t batch : {size_t{1}, size_t{2}, size_t{3}, size_t{4}, size_t{64}, streams}) {
        for (const auto& steps : {std::pair(1, 0), {3, 0}, {3, 4}, {3, 8}, {3, 12}}) {
          const int threads = steps.first, before = steps.second;
          const int ways = 2 + (batch < 64 ? 0 : 1) + (spec.mixture ? 1 : 0);
          if (before >= 4 * ways) continue;  // four steps try each of them
          INFO(name_of(precision), " ", batch, " ", threads, " ", before);
          const auto together = after_a_step(random, spec, precision, 0,
                                             static_cast<int64_t>(batch), threads, before);
          size_t different = 0;
          for (size_t stream = 0; stream < batch; ++stream) {
            const float* of = together.data() + stream * logits;
            const float* then = together.data() + batch * logits + stream * state;
            const float* expected = alone[stream].data();
            if (!std::equal(of, of + logits, expected) ||
                !std::equal(then, then + state, expected + logits))
              ++different;
          }
          CHECK(different == 0);
        }
      }
    }
  }
}

TEST_CASE("reading a text is stepping through it, to the bit") {
  const auto check = [](CellKind cell, bool norm, Precision precision, int stacks) {
    NetworkSpec spec = NetworkSpec::chain(20, norm ? 5 : 0, cell, 2, 33);
    spec.layer_norm = norm;
    spec.layers[1].inputs = {LayerSpec::network_input, 0};
    if (stacks == 1) spec.head_inputs = {0, 1};
    spec = spec.side_by_side(stacks);
    const RandomNetwork random(spec, 150, 1, 3);
    const auto weights = random.weights_as<float>();
    const auto pool = make_thread_pool(2);
    StepEngine engine(spec, weights.data(), precision, pool.get());
    for (const size_t length : {size_t{1}, size_t{64}, size_t{65}, size_t{150}}) {
      INFO(cell_names[static_cast<size_t>(cell)], norm, " ", name_of(precision), " ", stacks, " ",
           length);
      std::vector<int32_t> tokens(random.inputs.begin(),
                                  random.inputs.begin() + static_cast<int64_t>(length));
      tokens[length / 2] = Chunk::no_input;
      auto stepped = random.state_as<float>(), read = stepped;
      std::vector<float> logits(20), read_logits(20);
      float* row = stepped.data();
      for (const int32_t& token : tokens) engine.step({&token, 1}, {&row, 1}, logits.data());
      engine.read(tokens, read.data(), read_logits.data());
      CHECK(read == stepped);
      CHECK(read_logits == logits);
    }
  };
  for (const CellKind cell : {CellKind::rnn, CellKind::lstm, CellKind::gru}) {
    for (const bool norm : {false, true}) {
      for (const int stacks : {1, 3}) {
        check(cell, norm, Precision::bf16, stacks);
        check(cell, norm, Precision::int8, stacks);
      }
    }
  }
}

TEST_CASE("a new stream begins with the learned initial state") {
  NetworkSpec spec = NetworkSpec::chain(4, 0, CellKind::lstm, 2, 3);
  spec.initial_state = InitialState::learned;
  const RandomNetwork random(spec, 1, 1, 1);
  const auto weights = random.weights_as<float>();
  const StepEngine engine(spec, weights.data(), Precision::f32);
  std::vector<float> state(static_cast<size_t>(spec.state_size()));
  engine.initial_state(state.data());
  const ParameterLayout layout(spec);
  CHECK(state[4] == weights[static_cast<size_t>(layout.at("init.c_l0").offset + 1)]);
  CHECK(state[6] == weights[static_cast<size_t>(layout.at("init.h_l1").offset)]);
}

}  // namespace
}  // namespace inkling::nn
