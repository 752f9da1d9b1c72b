#include "nn/chunk_engine.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "nn/head_shard.h"
#include "nn/kernels/instruction_set.h"
#include "nn/plain_network.h"
#include "nn/threads.h"
#include "support/random_network.h"

namespace inkling::nn {
namespace {

using test::RandomNetwork;
using test::relative_error;

struct Case {
  CellKind cell;
  Activation activation = Activation::tanh;
  int64_t hidden, batch, steps, vocab, embedding = 0;
  bool layer_norm = false, learned = false, skips = false, last_step_only = false;
  double dropout = 0;
  int layers = 2;
  bool variational = false;
  int stacks = 1;
};

NetworkSpec spec_of(const Case& c) {
  NetworkSpec spec = NetworkSpec::chain(c.vocab, c.embedding, c.cell, c.layers, c.hidden);
  if (c.stacks > 1) spec = spec.side_by_side(c.stacks);
  spec.activation = c.activation;
  spec.layer_norm = c.layer_norm;
  if (c.learned) spec.initial_state = InitialState::learned;
  if (c.skips) {
    for (int l = 1; l < c.layers; ++l)
      spec.layers[static_cast<size_t>(l)].inputs = {LayerSpec::network_input, l - 1};
    spec.head_inputs.clear();
    for (int l = 0; l < c.layers; ++l) spec.head_inputs.push_back(l);
  }
  return spec;
}

// Runs one chunk through both paths and compares loss, gradients by tensor, and the state after.
void check_against_plain(const Case& c, Precision precision, double loss_tolerance,
                         double tolerance) {
  const NetworkSpec spec = spec_of(c);
  const RandomNetwork random(spec, c.steps, c.batch, 7);
  const Chunk chunk = random.chunk(true, c.last_step_only);
  Dropout dropout = c.dropout > 0 ? Dropout::with_rate(c.dropout, 99) : Dropout{};
  dropout.variational = c.variational;

  PlainNetwork<double> plain(spec);
  std::vector<double> state = random.state, gradient(random.weights.size());
  const double loss = plain.run(random.weights, chunk, c.batch, dropout, state, &gradient);

  const auto pool = make_thread_pool(2);
  const auto weights = random.weights_as<float>();
  ChunkEngine engine(spec,
                     {.batch = c.batch,
                      .steps = c.steps,
                      .precision = precision,
                      .train = true,
                      .last_step_only = c.last_step_only,
                      .resets = true,
                      .dropout = c.dropout > 0,
                      .probability_sums = true},
                     *pool);
  engine.set_weights(weights.data());
  std::vector<float> fast_state = random.state_as<float>(), fast_gradient(weights.size(), 1e30F);
  if (!engine.look_up_rows().sparse_tables().empty()) {
    // What an earlier chunk has left must go.
    std::fill(fast_gradient.begin(), fast_gradient.end(), 0.F);
    const RandomNetwork other(spec, c.steps, c.batch, 8);
    engine.run(other.chunk(true, c.last_step_only), dropout, fast_gradient.data());
  }
  engine.set_state(fast_state);
  const LossSum fast = engine.run(chunk, dropout, fast_gradient.data());
  engine.get_state(fast_state);

  CHECK(fast.loss() == doctest::Approx(loss).epsilon(loss_tolerance));
  for (int64_t stream = 0; stream < c.batch; ++stream) {
    if (chunk.targets[(c.steps - 1) * c.batch + stream] < 0) continue;
    CHECK(std::abs(engine.probability_sum(c.steps - 1, stream) - 1) < 1e-5);
  }
  CHECK(relative_error(fast_state.data(), state.data(), static_cast<int64_t>(state.size())) <
        tolerance);
  for (const ParameterInfo& info : plain.layout().all()) {
    CAPTURE(info.name);
    CHECK(relative_error(fast_gradient.data() + info.offset, gradient.data() + info.offset,
                         info.size()) < tolerance);
  }
}

constexpr std::array cells{CellKind::rnn, CellKind::lstm, CellKind::gru};

TEST_CASE("the fast path is the plain one on odd sizes") {
  const std::array<int64_t, 6> sizes{1, 7, 15, 16, 17, 33};
  for (const CellKind cell : cells) {
    for (size_t i = 0; i < sizes.size(); ++i) {
      const auto at = [&](size_t shift) { return sizes[(i + shift) % sizes.size()]; };
      const Case c{.cell = cell,
                   .hidden = sizes[i],
                   .batch = at(1),
                   .steps = at(3) > 17 ? 5 : at(3),
                   .vocab = at(2) + 1};
      INFO(cell_names[static_cast<size_t>(cell)], " hidden ", c.hidden, " batch ", c.batch,
           " steps ", c.steps, " vocab ", c.vocab);
      check_against_plain(c, Precision::f32, 1e-5, 1e-4);
    }
  }
}

TEST_CASE("the fast path is the plain one with every option") {
  const std::array<Case, 12> cases{{
      {.cell = CellKind::lstm,
       .hidden = 16,
       .batch = 9,
       .steps = 5,
       .vocab = 12,
       .dropout = 0.4,
       .variational = true},
      {.cell = CellKind::rnn,
       .activation = Activation::relu,
       .hidden = 17,
       .batch = 5,
       .steps = 6,
       .vocab = 9},
      {.cell = CellKind::lstm,
       .hidden = 19,
       .batch = 9,
       .steps = 5,
       .vocab = 12,
       .layer_norm = true},
      {.cell = CellKind::gru,
       .hidden = 16,
       .batch = 33,
       .steps = 4,
       .vocab = 12,
       .layer_norm = true,
       .dropout = 0.4},
      {.cell = CellKind::rnn,
       .hidden = 12,
       .batch = 3,
       .steps = 5,
       .vocab = 12,
       .layer_norm = true,
       .learned = true},
      {.cell = CellKind::lstm,
       .hidden = 20,
       .batch = 17,
       .steps = 6,
       .vocab = 30,
       .embedding = 7,
       .dropout = 0.3},
      {.cell = CellKind::gru,
       .hidden = 15,
       .batch = 8,
       .steps = 7,
       .vocab = 30,
       .embedding = 16,
       .learned = true},
      {.cell = CellKind::lstm,
       .hidden = 24,
       .batch = 10,
       .steps = 5,
       .vocab = 20,
       .learned = true,
       .skips = true,
       .layers = 3},
      {.cell = CellKind::gru,
       .hidden = 9,
       .batch = 70,
       .steps = 3,
       .vocab = 20,
       .embedding = 5,
       .skips = true,
       .dropout = 0.2},
      {.cell = CellKind::lstm,
       .hidden = 33,
       .batch = 12,
       .steps = 8,
       .vocab = 11,
       .embedding = 4,
       .layer_norm = true,
       .learned = true,
       .skips = true,
       .last_step_only = true,
       .dropout = 0.25,
       .layers = 3},
      {.cell = CellKind::lstm,
       .hidden = 17,
       .batch = 9,
       .steps = 5,
       .vocab = 12,
       .dropout = 0.3,
       .stacks = 3},
      {.cell = CellKind::gru,
       .hidden = 8,
       .batch = 11,
       .steps = 4,
       .vocab = 21,
       .embedding = 5,
       .last_step_only = true,
       .layers = 1,
       .stacks = 2},
  }};
  for (const Case& c : cases) {
    INFO(cell_names[static_cast<size_t>(c.cell)], " hidden ", c.hidden);
    check_against_plain(c, Precision::f32, 1e-5, 1e-4);
  }
}

TEST_CASE("the fast path is the plain one with look-up tables of many rows") {
  for (const bool skips : {false, true}) {
    for (const int64_t embedding : {0, 6}) {
      CAPTURE(skips);
      CAPTURE(embedding);
      check_against_plain({.cell = CellKind::gru,
                           .hidden = 9,
                           .batch = 9,
                           .steps = 6,
                           .vocab = LookUpRows::dense_up_to + 1,
                           .embedding = embedding,
                           .skips = skips},
                          Precision::f32, 1e-5, 1e-4);
    }
  }
}

TEST_CASE("logits come in blocks of rows that need little memory and give the plain network's") {
  CHECK(head_block_rows(1024, 66) == 1024);
  CHECK(head_block_rows(1024, 20000) == 64);
  CHECK(head_block_rows(1, 20000) == 1);
  CHECK(head_block_rows(136, 9001) == 46);  // two of them, and one of 44
  const Case c{.cell = CellKind::rnn, .hidden = 5, .batch = 16, .steps = 17, .vocab = 9001};
  check_against_plain(c, Precision::f32, 1e-5, 1e-4);
  Case apart = c;
  apart.layers = 1, apart.stacks = 2;
  check_against_plain(apart, Precision::f32, 1e-5, 1e-4);
  if (has_bf16_products()) check_against_plain(c, Precision::bf16, 5e-3, 4e-2);

  const NetworkSpec spec = spec_of(c);
  const auto bytes = [&](bool train) {
    return engine_bytes(spec, {.batch = c.batch, .steps = c.steps, .train = train});
  };
  const auto logits = static_cast<int64_t>(c.steps * c.batch * c.vocab * sizeof(float));
  CHECK(bytes(true) < logits * 3 / 2);
  CHECK(bytes(false) < logits / 2);
}

TEST_CASE("bfloat16 products stay near the plain network") {
  if (!has_bf16_products()) return;
  for (const CellKind cell : cells) {
    INFO(cell_names[static_cast<size_t>(cell)]);
    check_against_plain(
        {.cell = cell, .hidden = 48, .batch = 20, .steps = 6, .vocab = 40, .dropout = 0.2},
        Precision::bf16, 5e-3, 4e-2);
    check_against_plain({.cell = cell,
                         .hidden = 33,
                         .batch = 9,
                         .steps = 6,
                         .vocab = 40,
                         .embedding = 12,
                         .layer_norm = true,
                         .learned = true,
                         .skips = true},
                        Precision::bf16, 5e-3, 4e-2);
  }
}

TEST_CASE("layers in teams stay near the plain network") {
  if (!has_bf16_products()) return;
  const std::array<Case, 9> cases{{
      {.cell = CellKind::lstm, .hidden = 96, .batch = 32, .steps = 7, .vocab = 40},
      {.cell = CellKind::lstm, .hidden = 32, .batch = 31, .steps = 5, .vocab = 9, .dropout = 0.3},
      {.cell = CellKind::lstm,
       .hidden = 64,
       .batch = 48,
       .steps = 6,
       .vocab = 20,
       .embedding = 8,
       .skips = true,
       .last_step_only = true,
       .layers = 3},
      {.cell = CellKind::gru, .hidden = 96, .batch = 64, .steps = 6, .vocab = 30, .dropout = 0.2},
      {.cell = CellKind::gru, .hidden = 32, .batch = 48, .steps = 1, .vocab = 30, .layers = 1},
      {.cell = CellKind::rnn, .hidden = 64, .batch = 32, .steps = 6, .vocab = 30},
      {.cell = CellKind::rnn,
       .activation = Activation::relu,
       .hidden = 32,
       .batch = 80,
       .steps = 5,
       .vocab = 30,
       .embedding = 32},
      {.cell = CellKind::lstm,
       .hidden = 160,
       .batch = 112,  // seven groups of sixteen rows
       .steps = 4,
       .vocab = 30,
       .dropout = 0.4,
       .variational = true},
      {.cell = CellKind::lstm,
       .hidden = 32,
       .batch = 32,
       .steps = 6,
       .vocab = 30,
       .dropout = 0.2,
       .stacks = 3},
  }};
  for (const Case& c : cases) {
    INFO(cell_names[static_cast<size_t>(c.cell)], " hidden ", c.hidden, " batch ", c.batch);
    check_against_plain(c, Precision::bf16, 5e-3, 4e-2);
  }
}

}  // namespace
}  // namespace inkling::nn
