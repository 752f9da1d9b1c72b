#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "generate/completion_options.h"
#include "generate/longer_characters.h"
#include "generate/next_character.h"
#include "generate/read_text.h"
#include "generate/slot_pool.h"
#include "generate/word_search.h"
#include "text/words.h"

namespace inkling::generate {

// A word that the text may go on with.
struct Completion {
  std::string word;    // the whole word: "mat"
  std::string insert;  // what to append to the text: " mat", or "at" behind "the m". Where the
                       // text's last character turns into another, it begins with what that adds:
                       // a combining accent behind "cafe" for "café". The text with it appended,
                       // normalised as the model does, is the text with the word.
  double low = 0;      // its probability lies between low and high; exact when they are equal
  double high = 0;

  double probability() const { return (low + high) / 2; }
};

struct CompletionResult {
  std::string begun;  // the word in progress that is completed; "" = the next word is
  std::vector<Completion> completions{};  // in descending order
  double open_mass = 0;    // summed probability of all that was not looked at to its end
  double no_word = 0;      // probability that the text ends without another word
  bool proven = false;     // no other word can be among these, and their order is certain
  int64_t expansions = 0;  // prefixes that the model read
};

// Completes words with exact probabilities under the model (generate/word_search.h). Words are
// ICU's.
//
// What is asked:
// - Behind a space or another non-word: the next word. Quotes, brackets and the like that may come
//   before it are walked through and are part of `insert`.
// - Behind a word: if the model holds it for finished (probability above one half that what follows
//   ends it), the next word is completed: `begun` is "", and `insert` begins with a space, under
//   the condition that one follows ("on the" -> " mat"). Otherwise the word in progress is
//   completed: itself, finished, and all longer ones compete in one distribution ("on the m" ->
//   "at"). The last character may turn into one whose code points begin with its own, "cafe" into
//   "café", under the condition that it stays or does so; of single bytes none does.
//   CompletionOptions::next and begun force either. Behind a script without spaces between
//   words, or where the vocabulary has no space, the next word follows at once, under the condition
//   that a boundary stands there.
// - A trailing "___" is the gap to fill, and taken away.
//
// Words that ICU finds by dictionary (Thai, Lao, Khmer, Han, kana) end where a boundary stands
// after one further character; more of the text could move it.
//
// A text that begins like the last one asked about costs only the reading of what differs.
//
// The model must outlive it; others may use it in between. Not thread-safe.
class Completer {
 public:
  explicit Completer(NextCharacter& model);

  // Throws UsageError, as CompletionOptions::validate().
  CompletionResult complete(std::string_view text, const CompletionOptions& options);

 private:
  void start(const WordAtEnd& at);
  void start_next(WordAtEnd at);
  bool probably_finished(const WordSearch::Limits& limits);
  std::string_view last_character(std::string_view text) const;
  std::string insert_of(const WordSearch::Found& found, std::string_view tail) const;

  NextCharacter& model_;
  SlotPool slots_;
  ReadText read_;
  WordSearch search_;
  LongerCharacters longer_;
  text::WordBreaker breaker_;
  int64_t spaced_slot_;               // the text and a space
  std::vector<float> spaced_logits_;  // [V]
};

// The text without a gap ("___" or longer, at its end).
std::string_view without_gap(std::string_view text);

}  // namespace inkling::generate
