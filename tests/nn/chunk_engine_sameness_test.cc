#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "nn/chunk_engine.h"
#include "nn/kernels/instruction_set.h"
#include "nn/threads.h"
#include "support/random_network.h"

// What a chunk's result does not depend on: threads, how time is cut into chunks, what was run
// before in rows that are nobody's.
namespace inkling::nn {
namespace {

using test::RandomNetwork;

constexpr CellKind cells[] = {CellKind::rnn, CellKind::lstm, CellKind::gru};

TEST_CASE("the rows that fill up a shard do not run away, whatever the weights") {
  // Streams that begin anew with every chunk stay small; a row without a stream never does.
  constexpr int64_t batch = 9, steps = 8;
  NetworkSpec spec = NetworkSpec::chain(5, 0, CellKind::rnn, 2, 32);
  spec.activation = Activation::relu;
  RandomNetwork random(spec, steps, batch, 3);
  const ParameterLayout layout(spec);
  const ParameterInfo& recurrent = layout.at("rnn.weight_hh_l0");
  for (int64_t i = 0; i < recurrent.rows; ++i)
    random.weights[static_cast<size_t>(recurrent.offset + i * recurrent.cols + i)] += 3;
  std::fill(random.resets.begin(), random.resets.end(), uint8_t{0});
  std::fill_n(random.resets.begin(), batch, uint8_t{1});
  const auto weights = random.weights_as<float>();
  const auto pool = make_thread_pool(2);
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    if (precision == Precision::bf16 && !has_bf16_products()) continue;
    ChunkEngine engine(
        spec, {.batch = batch, .steps = steps, .precision = precision, .resets = true}, *pool);
    engine.set_weights(weights.data());
    std::vector<float> first(weights.size()), last(weights.size());
    engine.run(random.chunk(), {}, first.data());
    for (int i = 0; i < 20; ++i) engine.run(random.chunk(), {}, last.data());
    CHECK(first == last);
  }
}

TEST_CASE("a chunk of eight steps is two chunks of four with the state carried") {
  for (const CellKind cell : cells) {
    const NetworkSpec spec = NetworkSpec::chain(10, 0, cell, 2, 17);
    const RandomNetwork random(spec, 8, 6, 3);
    const auto weights = random.weights_as<float>();
    const auto pool = make_thread_pool(1);
    ChunkEngine whole(spec, {.batch = 6, .steps = 8, .train = false, .resets = true}, *pool);
    ChunkEngine half(spec, {.batch = 6, .steps = 4, .train = false, .resets = true}, *pool);
    whole.set_weights(weights.data());
    half.set_weights(weights.data());
    LossSum loss = half.run({4, random.inputs.data(), random.targets.data(), random.resets.data()});
    loss += half.run(
        {4, random.inputs.data() + 24, random.targets.data() + 24, random.resets.data() + 24});
    const LossSum all = whole.run(random.chunk());
    CHECK(all.count == loss.count);
    CHECK(all.nats == doctest::Approx(loss.nats).epsilon(1e-6));
  }
}

TEST_CASE("the bits do not depend on the number of threads") {
  struct Size {
    int64_t hidden, batch;
    Precision precision;
    int stacks = 1;
  };
  for (const Size size : {Size{65, 50, Precision::f32}, Size{65, 50, Precision::bf16},
                          Size{160, 48, Precision::bf16}, Size{64, 48, Precision::bf16, 4}}) {
    if (size.precision == Precision::bf16 && !has_bf16_products()) continue;
    for (const CellKind cell : cells) {
      const NetworkSpec spec =
          NetworkSpec::chain(40, 0, cell, 2, size.hidden).side_by_side(size.stacks);
      const RandomNetwork random(spec, 9, size.batch, 5);
      const auto weights = random.weights_as<float>();
      std::vector<float> first;
      double first_loss = 0;
      for (const int threads : {1, 2, 3, 8}) {
        const auto pool = make_thread_pool(threads);
        ChunkEngine engine(spec,
                           {.batch = size.batch,
                            .steps = 9,
                            .precision = size.precision,
                            .resets = true,
                            .dropout = true},
                           *pool);
        engine.set_weights(weights.data());
        std::vector<float> gradient(weights.size());
        const LossSum loss =
            engine.run(random.chunk(), Dropout::with_rate(0.3, 5), gradient.data());
        if (threads == 1) first = gradient, first_loss = loss.nats;
        CHECK(loss.nats == first_loss);
        CHECK(gradient == first);
      }
    }
  }
}

}  // namespace
}  // namespace inkling::nn
