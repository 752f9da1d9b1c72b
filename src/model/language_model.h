#pragma once

#include <memory>
#include <span>
#include <vector>

#include "model/model_config.h"
#include "nn/parameter_layout.h"
#include "text/tokenizer.h"

namespace inkling::model {

// A character-level language model: text in, a distribution over the next character out. Immutable
// once made; any number of threads may read it.
struct LanguageModel {
  ModelConfig config;
  text::Tokenizer tokenizer;
  ModelHistory history;
  std::vector<float> weights;  // flat, laid out by nn::ParameterLayout(config.network)

  const text::Vocabulary& vocabulary() const { return tokenizer.vocabulary(); }
};

}  // namespace inkling::model
