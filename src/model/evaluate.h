#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "model/language_model.h"
#include "nn/loss_sum.h"
#include "nn/precision.h"
#include "text/corpus.h"

namespace inkling::model {

// How a model is scored on a text.
struct EvaluateOptions {
  int64_t window = 0;   // 0 = stateful: one pass, the state carried; else windows of so many
                        // characters, each from the initial state
  int64_t streams = 1;  // stateful: parallel streams, each warmed on the `warm_up` characters
                        // before its part; 1 = exact
  int64_t warm_up = 512;
  int64_t most_characters =
      0;               // streams > 1: at most about so many are predicted, spread evenly; 0 = all
  int64_t stride = 1;  // many-to-one: only every so many-th position is predicted
  nn::Precision precision = nn::Precision::automatic;
  int threads = 0;  // 0 = all of the machine's
};

// The score of one predicted character; `nats` includes the spelling of an unknown one.
using ScoreFn = std::function<void(int64_t position, text::Token token, double nats)>;

// The loss over `part`: the first character has no context and is not predicted (except in
// documents mode, where the end token before it predicts it); in windows the last character of each
// window is the next window's first input. `score`, if given, is called for every predicted
// position in ascending order (streams == 1 or windows). A many-to-one model slides its window over
// every position.
nn::LossSum evaluate(const LanguageModel& model, const text::CorpusPart& part,
                     const EvaluateOptions& options = {}, const ScoreFn& score = nullptr);

}  // namespace inkling::model
