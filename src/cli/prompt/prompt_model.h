#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "cli/model_options.h"
#include "cli/prompt/suggestion_maker.h"
#include "generate/interruptible_next_character.h"
#include "generate/learning_model.h"
#include "generate/model_next_character.h"
#include "generate/read_text.h"
#include "generate/slot_pool.h"

namespace inkling::cli {

// Thrown out of a model that another thread has asked to stop.
struct Cancelled {};

// A model that writes and suggests in turns, from one memory of what it has read.
class PromptModel {
 public:
  // Finds and loads it. learning: how it learns from what is typed; nothing = not at all. Throws
  // DataError.
  PromptModel(const ModelOptions& options, const std::optional<model::AdaptOptions>& learning)
      : model_(options.load()),
        next_(step_with(options, learning), [this] { stop_if_cancelled(); }),
        slots_(next_),
        text_(next_, slots_),
        suggestions_(next_, text_) {}

  // As it was loaded.
  const model::LanguageModel& model() const { return model_; }
  // nullptr where nothing is learned.
  generate::LearningModel* learning() { return learning_ ? &*learning_ : nullptr; }
  generate::NextCharacter& next() { return next_; }
  // What it has read last.
  generate::ReadText& text() { return text_; }
  SuggestionMaker& suggestions() { return suggestions_; }

  // From any thread: while it is set, every use of the model ends with Cancelled.
  void cancel(bool cancelled) { cancelled_.store(cancelled, std::memory_order_relaxed); }

 private:
  generate::NextCharacter& step_with(const ModelOptions& options,
                                     const std::optional<model::AdaptOptions>& learning) {
    if (!learning) return still_.emplace(model_, options.precision, options.thread_count());
    return learning_.emplace(model_, *learning, options.precision, options.thread_count())
        .next_character();
  }
  void stop_if_cancelled() const {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
  }

  model::LanguageModel model_;
  std::atomic<bool> cancelled_{false};
  std::optional<generate::ModelNextCharacter> still_;  // one of the two
  std::optional<generate::LearningModel> learning_;
  generate::InterruptibleNextCharacter next_;
  generate::SlotPool slots_;
  generate::ReadText text_;
  SuggestionMaker suggestions_;
};

}  // namespace inkling::cli
