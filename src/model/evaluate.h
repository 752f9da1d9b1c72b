#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "model/adapt_options.h"
#include "model/language_model.h"
#include "nn/loss_sum.h"
#include "nn/precision.h"
#include "text/corpus.h"

namespace inkling::model {

// Called now and then with how many positions are predicted so far.
using ScoredFn = std::function<void(int64_t scored)>;

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
  bool lines_apart = false;  // behind a line feed everything starts from the initial state, as
                             // behind the end of a document
  // Dynamic evaluation: one pass by an AdaptiveModel, that learns each character after it has
  // predicted it. In place of window and streams.
  std::optional<AdaptOptions> adapt{};
  // adapt: float32 always. int8: in one pass with one stream alone.
  nn::Precision precision = nn::Precision::automatic;
  int threads = 0;  // 0 = all of the machine's
  ScoredFn scored{};
};

// A window, or a many-to-one model's context, of more steps goes through the network piece by
// piece: what that needs of memory is bounded by the network alone.
constexpr int64_t most_steps_at_once = 256;
// Streams side by side go through it so many steps at a time: enough for its products.
constexpr int64_t steps_side_by_side = 8;

// Whether the probabilities of the whole vocabulary add up to 1.
struct ProbabilityCheck {
  int64_t positions = 0;  // where they were added up: all that were predicted
  double largest_error = 0;
};

// The score of one predicted character; `nats` includes the spelling of an unknown one.
using ScoreFn = std::function<void(int64_t position, text::Token token, double nats)>;

// What a model that is scored so computes in.
nn::Precision precision_of(const LanguageModel& model, const EvaluateOptions& options);

// The loss over `part`: the first character has no context and is not predicted (except in
// documents mode, where the end token before it predicts it); in windows the last character of each
// window is the next window's first input. `score`, if given, is called for every predicted
// position in ascending order (streams == 1 or windows). A many-to-one model slides its window over
// every position. `check`, if given, is added to. Throws MemoryError where the network needs more
// than is free.
nn::LossSum evaluate(const LanguageModel& model, const text::CorpusPart& part,
                     const EvaluateOptions& options = {}, const ScoreFn& score = nullptr,
                     ProbabilityCheck* check = nullptr);

}  // namespace inkling::model
