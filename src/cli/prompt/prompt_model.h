#pragma once

#include <atomic>
#include <string>

#include "cli/model_options.h"
#include "cli/prompt/suggestion_maker.h"
#include "generate/interruptible_next_character.h"
#include "generate/model_next_character.h"
#include "generate/read_text.h"
#include "generate/slot_pool.h"

namespace inkling::cli {

// Thrown out of a model that another thread has asked to stop.
struct Cancelled {};

// A model that writes and suggests in turns, from one memory of what it has read.
class PromptModel {
 public:
  // Finds and loads it. Throws DataError.
  explicit PromptModel(const ModelOptions& options)
      : model_(options.load()),
        stepped_(model_, options.precision, options.thread_count()),
        next_(stepped_, [this] { stop_if_cancelled(); }),
        slots_(next_),
        text_(next_, slots_),
        suggestions_(next_, text_) {}

  const model::LanguageModel& model() const { return model_; }
  generate::NextCharacter& next() { return next_; }
  // What it has read last.
  generate::ReadText& text() { return text_; }
  SuggestionMaker& suggestions() { return suggestions_; }

  // From any thread: while it is set, every use of the model ends with Cancelled.
  void cancel(bool cancelled) { cancelled_.store(cancelled, std::memory_order_relaxed); }

 private:
  void stop_if_cancelled() const {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
  }

  model::LanguageModel model_;
  std::atomic<bool> cancelled_{false};
  generate::ModelNextCharacter stepped_;
  generate::InterruptibleNextCharacter next_;
  generate::SlotPool slots_;
  generate::ReadText text_;
  SuggestionMaker suggestions_;
};

}  // namespace inkling::cli
