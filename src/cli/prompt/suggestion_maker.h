#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "edit/advisor.h"
#include "generate/completer.h"
#include "generate/next_character.h"
#include "generate/read_text.h"
#include "text/words.h"

namespace inkling::cli {

// What is asked of a SuggestionMaker.
struct SuggestionRequest {
  std::string context{};  // the text, up to the cursor
  bool empty_line =
      false;            // nothing of it was typed yet: the text may go straight on, or in a line
  int64_t words = 8;    // alternatives
  bool greedy = false;  // the model's own choice comes first, as where the most probable is written
  bool chances = true;  // the words and their probabilities
};

// How a model would go on: its most probable continuation, and others that begin with the other
// most probable words. Not thread-safe.
class SuggestionMaker {
 public:
  // Uses slot 0 of the model, what a Completer uses, and `text` to read with. Both must outlive it.
  SuggestionMaker(generate::NextCharacter& model, generate::ReadText& text);

  // Calls `offer` with an answer, and then with better ones. What the model throws passes through.
  //
  // The first continuation is the most probable word's, unless the model would rather go on with
  // something that begins no word of the list: punctuation, or the end of a word. Each goes on
  // greedily to the end of the sentence or line, within some tens of columns, as long as it is not
  // improbable, and ends with a word.
  void make(const SuggestionRequest& request, const std::function<void(edit::Advice)>& offer);

 private:
  // The model's own way on, and the probability of its first character.
  struct Own {
    const std::string& text;
    double share;
  };

  edit::Advice advise(const std::string& context, bool straight, const Own& own,
                      const generate::CompletionResult& words, bool greedy);
  std::string go_on(const std::string& context, const std::string& begun);
  std::string cut(const std::string& context, std::string continuation, bool whole);

  generate::NextCharacter& model_;
  generate::ReadText& text_;
  generate::Completer completer_;
  text::WordBreaker breaker_;
  std::vector<float> logits_;  // [V]
  double first_share_ = 0;     // of the character with which the last continuation goes on
};

// "47 %", "3.5 %", "<0.1 %"
std::string short_percent(double probability);

}  // namespace inkling::cli
