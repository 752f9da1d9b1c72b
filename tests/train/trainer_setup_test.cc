// What a run is before its first step: its plan, and its memory.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/needed_memory.h"
#include "support/refusal.h"
#include "support/small_training.h"
#include "train/trainer.h"

using namespace inkling;
using namespace inkling::testing;
using namespace inkling::train;

TEST_CASE("a network of more parameters than a model may have is refused before it is made") {
  TrainOptions options = small_options();
  options.cell = nn::CellKind::lstm;
  options.hidden_size = 16384, options.num_layers = 2;
  std::string sentence;
  try {
    Trainer(options, corpus_of(tiny_text(), options));
  } catch (const UsageError& error) {
    sentence = error.what();
  }
  CHECK_MESSAGE(says(sentence, "parameters, the limit is 2147483648; lower --hidden-size"),
                sentence);
}

TEST_CASE("a plan says what will be trained, and shrinks to a short text") {
  struct Case {
    size_t characters;
    int64_t batch_size, bptt;
    size_t notices;
  };
  // 90 % of the text, less the first character, are targets.
  const Case cases[] = {
      {2000, 10, 9, 0}, {100, 9, 9, 2}, {20, 1, 9, 2}, {5, 1, 3, 3}, {3, 1, 1, 3}};
  for (const Case& c : cases) {
    CAPTURE(c.characters);
    const TrainOptions options = small_options();
    const text::Corpus corpus = corpus_of(tiny_text().substr(0, c.characters), options);
    const TrainPlan plan = Trainer(options, corpus).plan();
    CHECK(plan.batch_size == c.batch_size);
    CHECK(plan.bptt == c.bptt);
    CHECK(plan.notices.size() == c.notices);
    CHECK(plan.threads == 1);
    CHECK(plan.memory_bytes > plan.parameters * 4);
    const int64_t streams =
        static_cast<int64_t>(corpus.train.text.tokens.size() - 1) / c.batch_size;
    CHECK(plan.steps_per_epoch == (streams + c.bptt - 1) / c.bptt);
  }
  CHECK_THROWS_AS(Trainer(small_options(), corpus_of("a", small_options())), DataError);
}

TEST_CASE("a run takes at most a quarter more memory than training needs") {
  // The best weights, the last good ones and evaluating included.
  struct Planned {
    TrainPlan plan;
  };
  struct Case {
    nn::CellKind cell;
    int64_t layers, hidden, batch;
  };
  for (const Case& c : {Case{nn::CellKind::rnn, 1, 512, 64},
                        {nn::CellKind::lstm, 1, 512, 64},
                        {nn::CellKind::lstm, 2, 384, 32},
                        {nn::CellKind::lstm, 2, 512, 64},
                        {nn::CellKind::gru, 1, 512, 64},
                        {nn::CellKind::gru, 2, 384, 32}}) {
    CAPTURE(static_cast<int>(c.cell));
    CAPTURE(c.hidden);
    TrainOptions options = small_options();
    options.cell = c.cell, options.num_layers = c.layers, options.hidden_size = c.hidden;
    options.batch_size = c.batch, options.bptt = 64, options.dropout = 0.1;
    std::string text;
    while (text.size() < 10'000) text += tiny_text();
    const text::Corpus corpus = corpus_of(text, options);
    try {
      Trainer(options, corpus, {.on_plan = [](const TrainPlan& plan) { throw Planned{plan}; }});
      FAIL("nothing was planned");
    } catch (const Planned& planned) {
      const TrainPlan& plan = planned.plan;
      REQUIRE(plan.batch_size == c.batch);
      REQUIRE(plan.bptt == 64);
      const int64_t needed =
          needed_by_training(plan.config.network, c.batch, plan.bptt, plan.precision);
      CHECK(static_cast<double>(plan.memory_bytes) <= 1.25 * static_cast<double>(needed));
    }
  }
}

TEST_CASE("embedding is chosen above a thousand characters, and said") {
  TrainOptions options = small_options();
  options.split = "100/0/0";
  const TrainPlan plan = Trainer(options, corpus_of(many_characters(1200), options)).plan();
  CHECK(plan.config.network.embedding_size == 128);
  REQUIRE(plan.notices.size() == 1);
  CHECK(says(plan.notices[0], "1200 characters"));
  CHECK(Trainer(small_options(), corpus_of(tiny_text(), small_options()))
            .plan()
            .config.network.embedding_size == 0);
}
