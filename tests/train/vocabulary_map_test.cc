#include "train/vocabulary_map.h"

#include <doctest/doctest.h>

#include <string>

#include "base/error.h"
#include "support/refusal.h"
#include "support/sample_model.h"

using namespace inkling;
using namespace inkling::testing;

namespace {

// A weight by its tensor's name, row and column in memory's order [inputs, outputs].
float at(const model::LanguageModel& model, const std::string& name, int64_t row, int64_t column) {
  const nn::ParameterLayout layout(model.config.network);
  const nn::ParameterInfo& info = layout.at(name);
  return model.weights[static_cast<size_t>(info.offset + row * info.cols + column)];
}

nn::NetworkSpec network(int64_t embedding_size) {
  return nn::NetworkSpec::chain(2, embedding_size, nn::CellKind::gru, 2, 4);
}

}  // namespace

TEST_CASE("weights follow their character into another vocabulary, all others stay or go whole") {
  for (const int64_t embedding_size : {0, 3}) {
    for (const bool documents : {false, true}) {
      CAPTURE(embedding_size);
      CAPTURE(documents);
      text::TextOptions options;
      if (documents) options.documents = text::Documents::line;
      const auto from = sample_model(network(embedding_size), {"a", "b", "c", "d"}, options);
      auto to = sample_model(network(embedding_size), {"b", "d", "x", "a"}, options);
      // Otherwise a weight that was left out would look like one taken over.
      for (float& w : to.weights) w += 10;
      const auto before = to;
      const std::string said = train::take_weights(from, to);
      CHECK(says(said, documents ? "1 of 6" : "1 of 5"));

      // Tokens of `to`: b d x a [end] <unk>.
      std::vector<int64_t> map{1, 3, -1, 0};
      if (documents) map.push_back(4);
      map.push_back(documents ? 5 : 4);
      const std::string input = embedding_size > 0 ? "embed.weight" : "rnn.weight_ih_l0";
      const int64_t width = embedding_size > 0 ? 3 : 12;
      for (size_t token = 0; token < map.size(); ++token) {
        const auto row = static_cast<int64_t>(token);
        CAPTURE(row);
        const model::LanguageModel& source = map[token] < 0 ? before : from;
        const int64_t source_row = map[token] < 0 ? row : map[token];
        for (int64_t j = 0; j < width; ++j) {
          CHECK(at(to, input, row, j) == at(source, input, source_row, j));
        }
        for (int64_t i = 0; i < 4; ++i) {
          CHECK(at(to, "fc.weight", i, row) == at(source, "fc.weight", i, source_row));
        }
        CHECK(at(to, "fc.bias", 0, row) == at(source, "fc.bias", 0, source_row));
      }
      for (const std::string name : {"rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0",
                                     "rnn.weight_ih_l1", "rnn.weight_hh_l1", "rnn.bias_ih_l1"}) {
        CAPTURE(name);
        const nn::ParameterInfo info = nn::ParameterLayout(to.config.network).at(name);
        for (int64_t i = 0; i < info.rows; ++i) {
          for (int64_t j = 0; j < info.cols; ++j) CHECK(at(to, name, i, j) == at(from, name, i, j));
        }
      }
    }
  }
}

TEST_CASE("of networks side by side the first layer of each takes its rows over") {
  const nn::NetworkSpec two = network(0).side_by_side(2);
  const auto from = sample_model(two, {"a", "b", "c", "d"});
  auto to = sample_model(two, {"b", "d", "x", "a"});
  for (float& w : to.weights) w += 10;
  train::take_weights(from, to);
  for (const std::string name : {"rnn.weight_ih_l0", "rnn.weight_ih_l2"}) {
    CAPTURE(name);
    for (int64_t j = 0; j < 12; ++j) {
      CHECK(at(to, name, 0, j) == at(from, name, 1, j));
      CHECK(at(to, name, 3, j) == at(from, name, 0, j));
    }
  }
  for (int64_t i = 0; i < 4; ++i)
    CHECK(at(to, "rnn.weight_ih_l3", 1, i) == at(from, "rnn.weight_ih_l3", 1, i));
}

TEST_CASE("an end token that the other model lacks is new") {
  text::TextOptions options;
  options.documents = text::Documents::line;
  const auto from = sample_model(network(0), {"a", "b"});
  auto to = sample_model(network(0), {"a", "b"}, options);
  CHECK(says(train::take_weights(from, to), "1 of 4"));
  CHECK(at(to, "fc.bias", 0, 3) == at(from, "fc.bias", 0, 2));  // <unk>
}

TEST_CASE("what is new begins as what the other model read it as") {
  text::TextOptions options;
  options.documents = text::Documents::blank_line;
  const auto from = sample_model(network(0), {"\n", "a", "b"});
  auto to = sample_model(network(0), {"A", "a", "á", "漢"}, options);
  for (float& w : to.weights) w += 10;
  const auto before = to;
  const std::string said = train::take_weights(from, to);
  CHECK(says(said, "4 of 6 tokens are new to them, 3 of these begin as what they resemble"));
  // Tokens of `to`: A a á 漢 end <unk>; of `from`: \n a b <unk>.
  const int64_t map[] = {1, 1, 1, -1, 0, 3};
  for (int64_t token = 0; token < 6; ++token) {
    CAPTURE(token);
    const model::LanguageModel& source = map[token] < 0 ? before : from;
    const int64_t row = map[token] < 0 ? token : map[token];
    CHECK(at(to, "rnn.weight_ih_l0", token, 2) == at(source, "rnn.weight_ih_l0", row, 2));
    CHECK(at(to, "fc.weight", 3, token) == at(source, "fc.weight", 3, row));
    CHECK(at(to, "fc.bias", 0, token) == at(source, "fc.bias", 0, row));
  }
}

TEST_CASE("another network is refused") {
  struct Case {
    std::string what;  // the model has
    void (*change)(nn::NetworkSpec&);
  };
  const Case cases[] = {
      {"--cell gru", [](nn::NetworkSpec& n) { n.cell = nn::CellKind::lstm; }},
      {"--num-layers 2",
       [](nn::NetworkSpec& n) { n = nn::NetworkSpec::chain(2, 0, n.cell, 3, 4); }},
      {"--stacks 1", [](nn::NetworkSpec& n) { n = n.side_by_side(2); }},
      {"--hidden-size 4",
       [](nn::NetworkSpec& n) { n = nn::NetworkSpec::chain(2, 0, n.cell, 2, 5); }},
      {"--embedding-size 0", [](nn::NetworkSpec& n) { n.embedding_size = 3; }},
      {"no --layer-norm", [](nn::NetworkSpec& n) { n.layer_norm = true; }},
      {"--initial-state zero",
       [](nn::NetworkSpec& n) { n.initial_state = nn::InitialState::learned; }},
  };
  const auto from = sample_model(network(0));
  for (const Case& c : cases) {
    CAPTURE(c.what);
    nn::NetworkSpec changed = network(0);
    c.change(changed);
    auto to = sample_model(changed);
    std::string said;
    try {
      train::take_weights(from, to);
    } catch (const UsageError& error) {
      said = error.what();
    }
    CHECK(says(said, "with " + c.what));
  }
}
