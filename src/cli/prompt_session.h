#pragma once

#include <set>
#include <string>
#include <string_view>

#include "cli/console.h"
#include "cli/signals.h"
#include "generate/generator.h"
#include "generate/learning_model.h"
#include "generate/model_next_character.h"

namespace inkling::cli {

// A text that a person and a model write together, and the settings that change on the way.
class PromptSession {
 public:
  // interrupt: ends the text that is being written; may be nullptr. All must outlive it.
  PromptSession(generate::NextCharacter& model, const generate::SamplingOptions& sampling,
                const generate::GenerateOptions& length, const InterruptFlag* interrupt,
                Console& console);
  // The model is this one's, and learns what is typed from now on. Must outlive the session.
  void learn_with(generate::LearningModel& learning) { learning_ = &learning; }

  // One line of the person's: text, or a command that begins with "/" ("//" is text that begins
  // with one). Returns false where the session is to end. Throws DataError when the output cannot
  // be written.
  bool take_line(std::string line);

 private:
  void obey(std::string_view command, std::string_view value);
  void change_setting(const std::string& name, std::string_view value);
  void show_help();
  void go_on_from(std::string_view line);
  void write();
  void forget();
  void learn_until(size_t end, bool learn);
  void save_model(std::string_view path) const;

  generate::NextCharacter& model_;
  generate::SamplingOptions sampling_;
  generate::GenerateOptions length_;
  const InterruptFlag* interrupt_;
  Console& console_;
  generate::LearningModel* learning_ = nullptr;
  size_t learned_end_ = 0;  // the part of text_ that it has taken

  std::string text_;       // all that was written
  size_t last_begin_ = 0;  // where the model's last piece begins in text_
  bool document_ended_ = false;
  uint64_t seed_;
  uint64_t turn_ = 0;                    // texts drawn from this seed
  std::set<std::string> known_unknown_;  // notices already given
};

}  // namespace inkling::cli
