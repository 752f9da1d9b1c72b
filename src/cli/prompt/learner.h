#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "cli/prompt/joint_text.h"
#include "cli/signals.h"
#include "generate/learning_model.h"

namespace inkling::cli {

// Lets a model learn the text that it and a person write together: how far it has, and whether what
// it has learned is kept.
class Learner {
 public:
  // interrupt: ends the learning of a long line; may be nullptr. Both must outlive it.
  Learner(const JointText& text, const InterruptFlag* interrupt)
      : text_(text), interrupt_(interrupt) {}

  // From now on this model learns, from where the text's last document begins; nullptr = none does.
  void teach(generate::LearningModel* model);
  bool learns() const { return model_ != nullptr; }

  // What comes next is another document, or the document that a turn taken back had begun.
  void begin_anew(bool anew) { begins_anew_ = anew; }
  // The text is empty again, and so a new document.
  void forget_text() { end_ = 0, begins_anew_ = true; }
  // Takes the text up to its end, to learn it or only to have read it; less where it is
  // interrupted.
  void take(bool learn);
  // Bytes of the text that an interrupted take() has left, since this was last asked.
  size_t take_interrupted() { return std::exchange(interrupted_, 0); }

  // Writes the model as it is by now. Throws DataError.
  void save(const std::string& path);
  // Whether something was learned since the last save, and since this was last asked.
  bool newly_unsaved();

 private:
  int64_t steps() const { return model_ == nullptr ? 0 : model_->steps(); }

  const JointText& text_;
  const InterruptFlag* interrupt_;
  generate::LearningModel* model_ = nullptr;
  size_t end_ = 0;  // of the part of the text that it has taken
  bool begins_anew_ = false;
  size_t interrupted_ = 0;
  int64_t settled_ = 0;  // steps of learning that are saved, or were asked about
};

}  // namespace inkling::cli
