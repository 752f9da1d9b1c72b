#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nn/chunk_engine.h"
#include "nn/kernels/instruction_set.h"
#include "nn/parameter_layout.h"
#include "nn/step_engine.h"
#include "nn/threads.h"
#include "support/needed_memory.h"

using namespace inkling;
using namespace inkling::nn;
using namespace inkling::testing;

TEST_CASE("what an engine will hold is known before it is built, within 5 %") {
  struct Case {
    std::string what;
    CellKind cell;
    int64_t vocab, hidden;
    int layers;
    int64_t batch, steps;
    void (*set)(NetworkSpec&, EngineOptions&) = [](NetworkSpec&, EngineOptions&) {};
  };
  constexpr auto rnn = CellKind::rnn, lstm = CellKind::lstm, gru = CellKind::gru;
  const Case cases[] = {
      {"rnn", rnn, 64, 64, 2, 32, 16},
      {"lstm", lstm, 64, 128, 2, 32, 16},
      {"gru", gru, 64, 128, 2, 32, 16},
      {"one layer, one stream", lstm, 64, 192, 1, 1, 8},
      {"odd sizes", gru, 83, 150, 3, 33, 17},
      {"many characters", lstm, 3000, 64, 1, 16, 8},
      {"logits in blocks", lstm, 9000, 64, 1, 32, 16},
      {"logits in blocks, forward alone", lstm, 9000, 64, 1, 32, 16,
       [](NetworkSpec&, EngineOptions& o) { o.train = false, o.probability_sums = true; }},
      {"forward alone", lstm, 64, 128, 2, 32, 16,
       [](NetworkSpec&, EngineOptions& o) { o.train = false; }},
      {"forward alone, normalised", gru, 64, 128, 2, 32, 16,
       [](NetworkSpec& s, EngineOptions& o) { o.train = false, s.layer_norm = true; }},
      {"resets", gru, 64, 128, 2, 32, 16, [](NetworkSpec&, EngineOptions& o) { o.resets = true; }},
      {"dropout", rnn, 64, 128, 2, 32, 16,
       [](NetworkSpec&, EngineOptions& o) { o.dropout = true; }},
      {"layer normalisation", lstm, 64, 128, 2, 32, 16,
       [](NetworkSpec& s, EngineOptions&) { s.layer_norm = true; }},
      {"layer normalisation, gru", gru, 64, 128, 2, 32, 16,
       [](NetworkSpec& s, EngineOptions&) { s.layer_norm = true; }},
      {"layer normalisation, rnn", rnn, 64, 128, 2, 32, 16,
       [](NetworkSpec& s, EngineOptions&) { s.layer_norm = true; }},
      {"learned initial state", lstm, 64, 128, 2, 32, 16,
       [](NetworkSpec& s, EngineOptions&) { s.initial_state = InitialState::learned; }},
      {"embedding", lstm, 640, 128, 2, 32, 16,
       [](NetworkSpec& s, EngineOptions&) { s.embedding_size = 128; }},
      {"many-to-one", gru, 640, 128, 2, 64, 32,
       [](NetworkSpec&, EngineOptions& o) { o.last_step_only = o.resets = true; }},
      {"side by side", gru, 640, 64, 2, 32, 16,
       [](NetworkSpec& s, EngineOptions& o) { s = s.side_by_side(3), o.probability_sums = true; }},
      {"skips", lstm, 64, 128, 2, 32, 16,
       [](NetworkSpec& s, EngineOptions&) {
         s.embedding_size = 64;
         s.layers[1].inputs = {LayerSpec::network_input, 0};
         s.head_inputs = {0, 1};
       }},
  };
  const auto pool = make_thread_pool(1);
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    if (precision == Precision::bf16 && !has_bf16_products()) continue;
    for (const Case& c : cases) {
      CAPTURE(c.what);
      CAPTURE(static_cast<int>(precision));
      NetworkSpec spec = NetworkSpec::chain(c.vocab, 0, c.cell, c.layers, c.hidden);
      EngineOptions options{.batch = c.batch, .steps = c.steps, .precision = precision};
      c.set(spec, options);
      const ChunkEngine engine(spec, options, *pool);
      const auto held = static_cast<double>(engine.bytes());
      CHECK(static_cast<double>(engine_bytes(spec, options)) ==
            doctest::Approx(held).epsilon(0.05));
    }
  }
}

TEST_CASE("an engine that trains holds at most a quarter more than back-propagation needs") {
  struct Case {
    CellKind cell;
    int64_t hidden;
    int layers;
    int64_t batch;
  };
  constexpr auto rnn = CellKind::rnn, lstm = CellKind::lstm, gru = CellKind::gru;
  constexpr int64_t vocab = 66, steps = 64;
  for (const Case& c : {Case{rnn, 512, 1, 64},
                        {lstm, 512, 1, 64},
                        {lstm, 512, 2, 64},
                        {lstm, 384, 2, 32},
                        {lstm, 128, 2, 64},
                        {gru, 512, 1, 64},
                        {gru, 512, 2, 64},
                        {gru, 384, 2, 32}}) {
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      CAPTURE(static_cast<int>(c.cell));
      CAPTURE(c.hidden);
      CAPTURE(c.layers);
      CAPTURE(static_cast<int>(precision));
      const NetworkSpec spec = NetworkSpec::chain(vocab, 0, c.cell, c.layers, c.hidden);
      const int64_t held = engine_bytes(spec, {.batch = c.batch,
                                               .steps = steps,
                                               .precision = precision,
                                               .train = true,
                                               .dropout = true});
      CHECK(static_cast<double>(held) <=
            1.25 * static_cast<double>(needed_by_engine(spec, c.batch, steps, precision)));
    }
  }
}

TEST_CASE("a step reads the matrices it multiplies by, half as many bytes in bfloat16") {
  for (const int64_t embedding : {0, 32}) {
    NetworkSpec spec = NetworkSpec::chain(64, embedding, CellKind::gru, 2, 128);
    spec.head_inputs = {0, 1};
    // Rows of an embedding or of one-hot inputs are looked up; the sizes fill whole panels.
    const int64_t layers = (embedding + 128 + 128 + 128) * 3 * 128, head = int64_t{2} * 128 * 64;
    const std::vector<float> weights(static_cast<size_t>(ParameterLayout(spec).size()));
    CHECK(StepEngine(spec, weights.data(), Precision::f32).weight_bytes() == 4 * (layers + head));
    CHECK(StepEngine(spec, weights.data(), Precision::bf16).weight_bytes() == 2 * (layers + head));
  }
}
