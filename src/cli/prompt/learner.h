#pragma once

#include <array>
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

  // Behind the text as it is now comes another document, or the one that a turn taken back had
  // begun. What was taken back stays learned.
  void begin_anew(bool anew);
  // The text is another one, from whose last document on the model reads anew.
  void take_up_text();
  // Takes the text up to its end, to learn it or only to have read it; less where it is
  // interrupted.
  void take(bool learn);
  // Bytes of the text that an interrupted take() has left, since this was last asked.
  size_t take_interrupted() { return std::exchange(interrupted_, 0); }

  // Writes the model as it is by now. Throws DataError.
  void save(const std::string& path);
  // Before what loses it: whether something was learned since the last save, and since this was
  // last asked of the same.
  enum class Loss { leaving, loading };
  bool newly_unsaved(Loss loss);

 private:
  int64_t steps() const { return model_ == nullptr ? 0 : model_->steps(); }

  const JointText& text_;
  const InterruptFlag* interrupt_;
  generate::LearningModel* model_ = nullptr;
  size_t end_ = 0;  // of the part of the text that it has taken
  bool begins_anew_ = false;
  size_t interrupted_ = 0;
  std::array<int64_t, 2> settled_{};  // by Loss: steps of learning that are saved, or were asked
                                      // about
};

}  // namespace inkling::cli
