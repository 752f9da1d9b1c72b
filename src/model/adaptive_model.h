#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "model/adapt_options.h"
#include "model/language_model.h"

namespace inkling::model {

// A model that goes on learning from the text it reads, on a copy of its weights: dynamic
// evaluation, Krause, Kahembwe, Murray and Renals 2018, "Dynamic evaluation of neural sequence
// models". After every few characters, which it has predicted by then, the weights take a step
// against the gradient g of their loss, divided by its running size, and are pulled back:
//     v = 0.99 v + 0.01 g^2        w = w - rate g / sqrt(v / (1 - 0.99^t)) + pull (trained - w)
// (there v is measured once, on the training text; a model file does not hold that). Float32. The
// same bits for any number of threads. Not thread-safe.
class AdaptiveModel {
 public:
  // nats: of the token at this position, counted from 0 over all tokens since begin(), as the model
  // predicted it before it learned from it. probability_sum: as in nn::ChunkEngine.
  using ScoreFn = std::function<void(int64_t position, float nats, double probability_sum)>;

  // trained: must outlive it, and is not changed. threads: 0 = all of the machine's.
  AdaptiveModel(const LanguageModel& trained, const AdaptOptions& options, int threads = 0);
  ~AdaptiveModel();

  // A new text begins, from the initial state. What was learned stays.
  void begin();
  // The text goes on with these tokens, which are learned, or only read. Steps and scores wait
  // until there are enough tokens; the text's first is not predicted, nor scored. A document's end
  // token is read in the initial state.
  void read(std::span<const text::Token> tokens, bool learn, const ScoreFn& score = nullptr);
  // Learns what waits. Only begin() may follow.
  void finish(const ScoreFn& score = nullptr);

  // The model as it is by now. It changes with every step; copy it, or take no step while others
  // read it.
  const LanguageModel& model() const;
  int64_t steps() const;  // taken since it was made

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkling::model
