#include "train/recipe.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "nn/threads.h"

using namespace inkling;
using namespace inkling::train;

namespace {

TrainOptions chosen(const RecipeFacts& facts,
                    const std::set<std::string, std::less<>>& by_hand = {},
                    TrainOptions options = {}) {
  follow_recipe(
      facts, [&](std::string_view option) { return by_hand.contains(option); }, options);
  return options;
}

RecipeFacts a_megabyte(double seconds, double flops_per_second = 9e11) {
  return {1'000'000, 66, seconds, flops_per_second};
}

// For a network of two layers that reads a text so often.
TrainOptions chosen_for(int64_t hidden, double flops_per_character, double readings) {
  TrainOptions sized;
  sized.num_layers = 2, sized.hidden_size = hidden;
  return chosen(a_megabyte(1, readings * 1e6 * flops_per_character), {"hidden-size"}, sized);
}

int64_t units(const TrainOptions& options) { return options.num_layers * options.hidden_size; }
int64_t all_units(const TrainOptions& options) { return options.stacks * units(options); }

}  // namespace

TEST_CASE("more time, or a faster machine, trains larger networks and more of them") {
  TrainOptions before;
  before.hidden_size = 0, before.stacks = 0, before.dropout = 0;
  for (const double seconds : {0.1, 1.0, 10.0, 60.0, 180.0, 600.0, 3600.0, 1e6}) {
    CAPTURE(seconds);
    const TrainOptions now = chosen(a_megabyte(seconds));
    CHECK(all_units(now) >= all_units(before));
    CHECK(units(now) >= units(before));
    if (all_units(now) == all_units(before)) CHECK(now.dropout >= before.dropout);
    CHECK_NOTHROW(now.validate());
    const TrainOptions same = chosen(a_megabyte(seconds / 10, 9e12));
    CHECK(all_units(same) == all_units(now));
    CHECK(same.dropout == now.dropout);
    before = now;
  }
  CHECK(units(chosen(a_megabyte(0.1))) < units(chosen(a_megabyte(3600))));
  CHECK(chosen(a_megabyte(10)).stacks == 1);
  CHECK(chosen(a_megabyte(600)).stacks > 2);
}

TEST_CASE("windows that predict one character each go through a small network, of one layer") {
  TrainOptions windows;
  windows.shape = model::Shape::many_to_one;
  int64_t before = 0;
  for (const double seconds : {1.0, 20.0, 60.0, 600.0}) {
    const TrainOptions now = chosen(a_megabyte(seconds, 1e11), {}, windows);
    CAPTURE(seconds);
    CHECK(now.num_layers == 1);
    CHECK(now.stacks == 1);
    CHECK(now.context == 16);
    CHECK(now.batch_size == 256);
    CHECK(now.hidden_size >= before);
    before = now.hidden_size;
  }
  CHECK(chosen(a_megabyte(1, 1e11), {}, windows).hidden_size < before);
  // A long window costs more: fewer can be predicted.
  windows.context = 256;
  CHECK(chosen(a_megabyte(60, 1e11), {"context"}, windows).hidden_size <
        chosen(a_megabyte(60, 1e11), {}, windows).hidden_size);
  // A short text has many steps in an epoch as well.
  CHECK(chosen({4000, 66, 60, 1e11}, {}, windows).batch_size < 256);
}

TEST_CASE("an optimizer has a rate of its own where none is given") {
  CHECK(train::usual_learning_rate(OptimizerKind::sgd, 0.9) == doctest::Approx(0.8));
  CHECK(train::usual_learning_rate(OptimizerKind::sgd, 0) == 8);
  CHECK(train::usual_learning_rate(OptimizerKind::adam, 0.9) == TrainOptions().learning_rate);
}

TEST_CASE("a text that is read once needs no dropout, a short one no large network") {
  CHECK(chosen({100'000'000, 100, 600, 9e11}).dropout == 0);
  CHECK(chosen({30'000, 60, 3600, 9e11}).dropout >= 0.3);
  CHECK(units(chosen({30'000, 60, 3600, 9e11})) < units(chosen({1'000'000, 60, 3600, 9e11})));
  const TrainOptions empty = chosen({0, 1, 1, 1});
  CHECK(units(empty) > 0);
}

TEST_CASE("a network is as large as can read the text twice, and some millions of characters") {
  // As measured, see tests/bench/README.md: characters, of how many kinds, seconds, the better
  // size. Two of a smaller size may be better than one.
  struct Case {
    int64_t text, vocabulary;
    double seconds;
    int64_t hidden, stacks;
  };
  constexpr double flops_per_second = 1.1e11;
  for (const Case& c : {Case{1'003'854, 66, 60, 128, 1},
                        {1'003'854, 66, 150, 128, 2},
                        {1'003'854, 66, 450, 256, 2},
                        {1'003'854, 66, 1500, 384, 3},
                        {655'041, 74, 60, 128, 1},
                        {655'041, 74, 150, 128, 2},
                        {2'342'584, 837, 60, 128, 1},
                        {2'342'584, 837, 180, 128, 1},
                        {2'342'584, 837, 400, 128, 2},
                        {5'400'000, 99, 180, 128, 1},
                        {5'400'000, 99, 600, 256, 1}}) {
    CAPTURE(c.text);
    CAPTURE(c.seconds);
    const TrainOptions options = chosen({c.text, c.vocabulary, c.seconds, flops_per_second});
    CHECK(options.hidden_size == c.hidden);
    CHECK(options.stacks == c.stacks);
  }
  // Several networks only where each reads enough.
  for (double seconds = 1; seconds < 1e4; seconds *= 1.3) {
    const TrainOptions options = chosen({100'000, 66, seconds, flops_per_second});
    CAPTURE(seconds);
    if (options.stacks > 1)
      CHECK(seconds * flops_per_second / static_cast<double>(options.stacks) > 1e6 * 1e6);
  }
}

TEST_CASE("a short text is read in small steps, and by few networks") {
  // Of 8,000 characters, as measured: batch 4 is better than 16, and three of it than one or five,
  // as long as each takes some hundreds of steps.
  const TrainOptions shortest = chosen({7'200, 60, 20, 3.8e10});
  CHECK(shortest.batch_size == 4);
  CHECK(shortest.stacks == 3);
  CHECK(shortest.dropout == 0.4);
  CHECK(chosen({7'200, 60, 20, 1e10}).stacks == 1);
  CHECK(chosen({10'500, 635, 20, 3.8e10, 1, 635}).batch_size == 8);
  const TrainOptions longer = chosen({31'600, 60, 20, 8e10});
  CHECK(longer.batch_size == 8);
  CHECK(longer.stacks == 3);
  CHECK(longer.dropout == 0.2);
  CHECK(chosen({70'000, 60, 20, 1e11}).batch_size == 16);
  RecipeFacts with_tiles{7'200, 60, 20, 1e11};
  with_tiles.least_streams = 32;
  CHECK(chosen(with_tiles).batch_size == 4);
  CHECK(chosen({7'200, 60, 3600, 1e11}).stacks > 2);
}

TEST_CASE("no more is chosen than there is memory for") {
  RecipeFacts facts = a_megabyte(600);
  const TrainOptions all = chosen(facts);
  REQUIRE(all.stacks > 2);
  facts.fits = [&](const TrainOptions& of) { return all_units(of) < all_units(all); };
  CHECK(chosen(facts).hidden_size == all.hidden_size);
  CHECK(chosen(facts).stacks == all.stacks - 1);
  facts.fits = [&](const TrainOptions& of) { return units(of) < units(all); };
  CHECK(chosen(facts).hidden_size < all.hidden_size);
  facts.fits = [](const TrainOptions&) { return false; };
  CHECK(chosen(facts).hidden_size == 128);
  CHECK(chosen(facts).stacks == 1);
  CHECK(fits_memory(facts, chosen(facts), nn::Precision::f32));
  TrainOptions giant;
  giant.hidden_size = 16384, giant.num_layers = 8;
  CHECK_FALSE(fits_memory(facts, giant, nn::Precision::f32));
}

TEST_CASE("what is given by hand stays, and a size given keeps all sizes") {
  const RecipeFacts facts = a_megabyte(3600);
  TrainOptions options;
  options.dropout = 0.123, options.learning_rate = 0.00456;
  TrainOptions result = chosen(facts, {"dropout", "learning-rate"}, options);
  CHECK(result.dropout == 0.123);
  CHECK(result.learning_rate == 0.00456);
  CHECK(units(result) == units(chosen(facts)));

  for (const char* size : {"cell", "num-layers", "hidden-size", "embedding-size", "layer-norm"}) {
    CAPTURE(size);
    CHECK(is_size(size));
    TrainOptions sized;
    sized.num_layers = 3, sized.hidden_size = 77;
    result = chosen(facts, {size}, sized);
    CHECK(result.num_layers == 3);
    CHECK(result.hidden_size == 77);
    CHECK(result.stacks == 1);
    // Still chosen: how often the text is read decides, and the size.
    CHECK(result.dropout > 0);
    CHECK(result.learning_rate == chosen({0, 1, 1, 1}).learning_rate);
  }
  CHECK_FALSE(is_size("dropout"));

  options = TrainOptions();
  options.stacks = 1;
  result = chosen(facts, {"stacks"}, options);
  CHECK(result.stacks == 1);
  CHECK(units(result) == units(chosen(facts)));
  CHECK(result.dropout >= chosen(facts).dropout);  // one alone reads the text more often
}

TEST_CASE("networks as were measured learn at higher rates, others as they are told") {
  for (const int64_t hidden : {16, 128, 129, 256, 384, 512}) {
    CAPTURE(hidden);
    TrainOptions sized;
    sized.hidden_size = hidden;
    const TrainOptions result = chosen(a_megabyte(60), {"hidden-size"}, sized);
    CHECK(result.learning_rate > sized.learning_rate);
  }
  RecipeFacts with_tiles = a_megabyte(60);
  with_tiles.least_streams = 32;
  CHECK(chosen(with_tiles).batch_size == 32);
  CHECK(chosen(with_tiles, {"batch-size"}).batch_size == TrainOptions().batch_size);
  const TrainOptions usual;
  const auto stays = [&](TrainOptions options) {
    const TrainOptions result = chosen(a_megabyte(60), {"hidden-size"}, options);
    CHECK(result.learning_rate == usual.learning_rate);
    CHECK(result.batch_size == usual.batch_size);
  };
  TrainOptions other;
  other.hidden_size = 1024;
  stays(other);
  other = usual, other.cell = nn::CellKind::rnn;
  stays(other);
  other = usual, other.optimizer = OptimizerKind::sgd;
  stays(other);
}

TEST_CASE("as often read, a small network has less dropout than a large one") {
  CHECK(chosen_for(128, 1.25e6, 9).dropout == 0.1);
  CHECK(chosen_for(384, 1.08e7, 9).dropout == 0.15);
}

TEST_CASE("characters are hidden only where a text is read very often") {
  double before = 0;
  for (const double readings : {1.0, 4.0, 9.0, 15.0}) {
    CAPTURE(readings);
    const TrainOptions options = chosen_for(384, 1.08e7, readings);
    CHECK((options.dropout > before || readings == 1));
    CHECK(options.input_dropout == 0);
    CHECK_FALSE(options.variational);
    before = options.dropout;
  }
  const TrainOptions often = chosen_for(384, 1.08e7, 40);
  CHECK(often.dropout > before);
  CHECK(often.input_dropout > 0);
  CHECK(often.variational);
}

TEST_CASE("it is said what was chosen, and why") {
  TrainOptions options;
  const auto sentences = follow_recipe(
      a_megabyte(60), [](std::string_view) { return false; }, options);
  std::string all;
  for (const std::string& sentence : sentences) all += sentence + "\n";
  CHECK(sentences.size() == 3);
  CHECK(all.find(fmt::format("{} layers of {}", options.num_layers, options.hidden_size)) !=
        std::string::npos);
  CHECK(all.find("dropout") != std::string::npos);
  CHECK(all.find("learning rate") != std::string::npos);
}

TEST_CASE("what would take long to time is not timed") {
  RecipeFacts facts = a_megabyte(5, 5e10);
  TrainOptions options;
  CHECK(is_timed_soon(chosen_step(facts, options, nn::Precision::f32), facts));
  options.hidden_size = 2048, options.batch_size = 256;
  CHECK_FALSE(is_timed_soon(chosen_step(facts, options, nn::Precision::f32), facts));
  facts.seconds = 36000;
  CHECK(is_timed_soon(chosen_step(facts, options, nn::Precision::f32), facts));
}

TEST_CASE("the machine's speed is measured in a moment") {
  const auto pool = nn::make_thread_pool(1);
  CHECK(measure_flops_per_second(usual_step(60, nn::Precision::f32), *pool) > 1e7);
}
