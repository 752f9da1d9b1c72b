#include "train/train_options.h"

#include <doctest/doctest.h>

#include <string>

#include "train/option_record.h"

using namespace inkling;
using namespace inkling::train;

TEST_CASE("durations") {
  struct Case {
    std::string text;
    double seconds;
  };
  const Case cases[] = {
      {"", 0},         {"90", 90},         {"90s", 90},    {"5m", 300},       {"1h", 3600},
      {"1h30m", 5400}, {"1h30m10s", 5410}, {"0.5h", 1800}, {"2.5", 2.5},      {"1m30", 90},
      {"10m1h", 4200}, {"0.001", 0.001},   {"0h1m", 60},   {"11574d", -1},    {"0", -1},
      {"0s", -1},      {"-5m", -1},        {"5x", -1},     {"m", -1},         {"5mm", -1},
      {" 5m", -1},     {"5 m", -1},        {"1e3", -1},    {"inf", -1},       {"nan", -1},
      {"5m ", -1},     {"99999999h", -1},  {"abc", -1},    {"1h30m10sx", -1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    if (c.seconds < 0) {
      CHECK_THROWS_AS(parse_duration(c.text), UsageError);
    } else {
      CHECK(parse_duration(c.text) == doctest::Approx(c.seconds));
    }
  }
}

TEST_CASE("--split is three shares that add up to a hundred") {
  struct Case {
    std::string text;
    std::array<double, 3> shares;  // a negative first: refused
  };
  const Case cases[] = {
      {"90/10/0", {0.9, 0.1, 0}},
      {"100/0/0", {1, 0, 0}},
      {"33.4/33.3/33.3", {0.334, 0.333, 0.333}},
      {"80/10/10", {0.8, 0.1, 0.1}},
      {"0/50/50", {-1}},
      {"90/10", {-1}},
      {"90/10/0/0", {-1}},
      {"90/20/0", {-1}},
      {"110/-10/0", {-1}},
      {"a/b/c", {-1}},
      {"", {-1}},
      {"90/10/0 ", {-1}},
      {"nan/50/50", {-1}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    TrainOptions options;
    options.split = c.text;
    if (c.shares[0] < 0) {
      CHECK_THROWS_AS(options.validate(), UsageError);
      continue;
    }
    const std::array<double, 3> split = options.corpus_options().split;
    for (size_t i = 0; i < 3; ++i) CHECK(split[i] == doctest::Approx(c.shares[i]));
  }
}

TEST_CASE("combinations that cannot be are refused") {
  struct Case {
    std::string what;
    void (*set)(TrainOptions&);
    bool allowed;
  };
  const Case cases[] = {
      {"defaults", [](TrainOptions&) {}, true},
      {"epochs and steps", [](TrainOptions& o) { o.epochs = 1, o.steps = 1; }, false},
      {"steps and time", [](TrainOptions& o) { o.steps = 1, o.time = "1m"; }, false},
      {"epochs and time", [](TrainOptions& o) { o.epochs = 1, o.time = "1m"; }, false},
      {"a bad time", [](TrainOptions& o) { o.time = "soon"; }, false},
      {"relu without the rnn cell", [](TrainOptions& o) { o.activation = nn::Activation::relu; },
       false},
      {"relu",
       [](TrainOptions& o) { o.activation = nn::Activation::relu, o.cell = nn::CellKind::rnn; },
       true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    TrainOptions options;
    c.set(options);
    if (c.allowed) {
      CHECK_NOTHROW(options.validate());
    } else {
      CHECK_THROWS_AS(options.validate(), UsageError);
    }
  }
}

TEST_CASE("the record has every option, and finds what changed beside length and threads") {
  TrainOptions options;
  const auto record = recorded_options(options);
  CHECK(record.at("cell") == "lstm");
  CHECK(record.at("layer-norm") == "false");
  CHECK(record.at("learning-rate") == "0.004");
  CHECK(record.at("split") == "90/10/0");
  CHECK(changed_option(record, options, false).empty());

  options.steps = 7, options.epochs = 2, options.time = "9s", options.threads = 5;
  CHECK(changed_option(record, options, true).empty());
  CHECK(is_length(changed_option(record, options, false)));
  options.dropout = 0.2;
  CHECK(changed_option(record, options, true) == "dropout");
}

TEST_CASE("the command line shows what differs from the defaults, threads never") {
  TrainOptions options;
  CHECK(command_line(options) == "inkling train");
  options.cell = nn::CellKind::gru;
  options.layer_norm = true;
  options.learning_rate = 1e-3;
  options.threads = 3;
  options.time = "90s";
  CHECK(command_line(options) ==
        "inkling train --cell gru --layer-norm --learning-rate 0.001 --time 90s");
}
