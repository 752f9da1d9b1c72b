#pragma once

#include <cstdint>
#include <string_view>

#include "generate/model_next_character.h"
#include "model/adaptive_model.h"

namespace inkling::generate {

// A model that writes and completes while it learns from the text that it is given, on a copy
// (model/adaptive_model.h). What it has learned shows from the next character on; states and logits
// that were read before stay as they were.
class LearningModel {
 public:
  // trained: must outlive it, and is not changed.
  LearningModel(const model::LanguageModel& trained, const model::AdaptOptions& options,
                nn::Precision precision = nn::Precision::automatic, int threads = 0);

  // A new text begins. What was learned stays.
  void begin();
  // The text goes on with this, which is learned, or only read as what comes before the rest. The
  // last few characters wait for more (AdaptOptions::every).
  void take(std::string_view text, bool learn);

  NextCharacter& next_character() { return next_; }
  // As it is by now, its history saying that it was adapted and that its loss is not known.
  model::LanguageModel learned() const;
  int64_t steps() const { return adaptive_.steps(); }

 private:
  model::AdaptiveModel adaptive_;
  ModelNextCharacter next_;
  int64_t taken_ = 0;  // characters to learn
};

}  // namespace inkling::generate
