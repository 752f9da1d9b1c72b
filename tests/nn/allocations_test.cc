#include "support/allocations.h"

#include <doctest/doctest.h>

#include <string>

#include "nn/chunk_engine.h"
#include "nn/kernels/instruction_set.h"
#include "nn/step_engine.h"
#include "nn/threads.h"
#include "support/random_network.h"
#include "train/optimizer.h"

using namespace inkling;
using namespace inkling::nn;

namespace {

NetworkSpec spec_of(CellKind cell, bool with_all) {
  NetworkSpec spec = NetworkSpec::chain(20, with_all ? 6 : 0, cell, 2, 33);
  spec.layer_norm = with_all;
  if (with_all) spec.initial_state = InitialState::learned;
  return spec;
}

}  // namespace

// oneDNN makes a few small objects at each product.
TEST_CASE("a training step allocates nothing once it has run twice") {
  for (const CellKind cell : {CellKind::rnn, CellKind::lstm, CellKind::gru}) {
    for (const bool with_all : {false, true}) {
      for (const Precision precision : {Precision::f32, Precision::bf16}) {
        if (precision == Precision::bf16 && !has_bf16_products()) continue;
        INFO(std::string(cell_names[static_cast<size_t>(cell)]), with_all);
        const NetworkSpec spec = spec_of(cell, with_all);
        const test::RandomNetwork random(spec, 5, 40, 3);
        auto weights = random.weights_as<float>();
        std::vector<float> gradient(weights.size());
        const auto pool = make_thread_pool(2);
        ChunkEngine engine(
            spec,
            {.batch = 40, .steps = 5, .precision = precision, .resets = true, .dropout = true},
            *pool);
        train::Optimizer optimizer(train::TrainOptions(), static_cast<int64_t>(weights.size()));
        engine.set_weights(weights.data());
        int64_t before = 0;
        for (int step = 0; step < 5; ++step) {
          if (step == 2) before = testing::allocations().ours;
          engine.run(random.chunk(), Dropout::with_rate(0.2, 1), gradient.data());
          optimizer.update(gradient.data(), optimizer.norm(gradient.data(), *pool), 1e-3,
                           weights.data(), *pool);
          engine.set_weights(weights.data());
        }
        CHECK(testing::allocations().ours == before);
      }
    }
  }
}

TEST_CASE("stepping one character at a time allocates nothing once it has run twice") {
  for (const CellKind cell : {CellKind::rnn, CellKind::lstm, CellKind::gru}) {
    for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
      const NetworkSpec spec = spec_of(cell, precision != Precision::bf16);
      const test::RandomNetwork random(spec, 5, 3, 3);
      const auto weights = random.weights_as<float>();
      StepEngine engine(spec, weights.data(), precision, nullptr);
      auto states = random.state_as<float>();
      std::vector<float*> rows;
      for (int64_t b = 0; b < 3; ++b) rows.push_back(states.data() + b * spec.state_size());
      std::vector<float> logits(static_cast<size_t>(3 * spec.vocab_size));
      int64_t before = 0;
      for (int step = 0; step < 5; ++step) {
        if (step == 2) before = testing::allocations().all;
        engine.step(std::span(random.inputs).first(3), rows, logits.data());
      }
      CHECK(testing::allocations().all == before);
    }
  }
}

TEST_CASE("steps of many streams on threads allocate nothing, whichever way they go") {
  const NetworkSpec spec = spec_of(CellKind::lstm, true);
  const test::RandomNetwork random(spec, 5, 70, 3);
  const auto weights = random.weights_as<float>();
  const auto pool = make_thread_pool(3);
  StepEngine engine(spec, weights.data(), Precision::f32, pool.get());
  auto states = random.state_as<float>();
  std::vector<float*> rows;
  for (int64_t b = 0; b < 70; ++b) rows.push_back(states.data() + b * spec.state_size());
  std::vector<float> logits(static_cast<size_t>(70 * spec.vocab_size));
  const auto step = [&] { engine.step(std::span(random.inputs).first(70), rows, logits.data()); };
  step();
  const int64_t before = testing::allocations().all;
  for (int i = 0; i < 20; ++i) step();
  CHECK(testing::allocations().all == before);
}
