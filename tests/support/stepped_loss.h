#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/stepper.h"
#include "support/sample_model.h"
#include "text/corpus.h"

namespace inkling::testing {

// -log softmax(logits)[token], in double.
inline double nats_of(std::span<const float> logits, text::Token token) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float z : logits) sum += std::exp(static_cast<double>(z) - largest);
  return std::log(sum) + largest - static_cast<double>(logits[static_cast<size_t>(token)]);
}

// The nats of the token after `read`, which is read from the initial state.
inline double nats_after(const model::LanguageModel& model, std::span<const text::Token> read,
                         text::Token next) {
  model::Stepper stepper(model, 1, nn::Precision::f32, 1);
  std::vector<float> logits(static_cast<size_t>(model.vocabulary().size()));
  stepper.read(0, read, logits);
  return nats_of(logits, next);
}

struct SampleModelOptions {
  nn::CellKind cell = nn::CellKind::lstm;
  int64_t embedding_size = 0;
  bool layer_norm = false, learned = false, documents = false;
  int64_t context = 0;  // > 0: many-to-one
  int stacks = 1;
};

// Two layers with random weights over the code points a, b, c, d and the line feed.
inline model::LanguageModel sample_model_of(const SampleModelOptions& options) {
  nn::NetworkSpec network = nn::NetworkSpec::chain(2, options.embedding_size, options.cell, 2, 11);
  if (options.stacks > 1) network = network.side_by_side(options.stacks);
  network.layer_norm = options.layer_norm;
  if (options.learned) network.initial_state = nn::InitialState::learned;
  text::TextOptions text{.unit = text::Unit::codepoint};
  if (options.documents) text.documents = text::Documents::line;
  model::LanguageModel model = sample_model(network, {"\n", "a", "b", "c", "d"}, text);
  if (options.context > 0) {
    model.config.shape = model::Shape::many_to_one;
    model.config.context = options.context;
  }
  return model;
}

// A text of that many characters, some of them unknown to sample_model_of().
inline std::string random_letters(int64_t count, uint64_t seed = 1) {
  constexpr std::string_view letters = "aabbbccdd\nZ";
  Random random(seed);
  std::string text;
  for (int64_t i = 0; i < count; ++i) text += letters[random.below(letters.size())];
  return text;
}

}  // namespace inkling::testing
