#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "generate/completion.h"
#include "generate/completion_options.h"
#include "generate/longer_characters.h"
#include "generate/next_character.h"
#include "generate/phrase_beam.h"
#include "generate/read_text.h"
#include "generate/slot_pool.h"
#include "generate/word_search.h"
#include "text/words.h"

namespace inkling::generate {

// Completes words with exact probabilities under the model (generate/word_search.h). Words are
// ICU's.
//
// What is asked:
// - Behind a space or another non-word: the next word. Quotes, brackets and the like that may come
//   before it are walked through and are part of `insert`.
// - Behind a word: if the model holds it for finished (probability above one half that what follows
//   ends it), the next word is completed: `begun` is "", and `insert` begins with a space, under
//   the condition that one follows ("on the" -> " mat"), or in documents mode the end, which leaves
//   no word. Otherwise the word in progress is
//   completed: itself, finished, and all longer ones compete in one distribution ("on the m" ->
//   "at"). The last character may turn into one whose code points begin with its own, "cafe" into
//   "café", under the condition that it stays or does so; of single bytes none does.
//   CompletionOptions::next and begun force either. Behind a script without spaces between
//   words, or where the vocabulary has no space, the next word follows at once, under the condition
//   that a boundary stands there.
// - Behind a word and what may join it to a letter ("don'"): that word, going on ("don't"), and
//   the next one in one distribution; with CompletionOptions::next, the next one as behind a word.
//   So too, in bytes, behind half a code point: `insert` begins with its rest, and only what ends
//   the word before it counts for `next`.
// - A trailing "___" is the gap to fill, and taken away.
// - CompletionOptions::words: several words, by a beam (generate/phrase_beam.h): what stands
//   between them is part of `insert`, and nothing is proven.
//
// Words that ICU finds by dictionary (Thai, Lao, Khmer, Han, kana) end where a boundary stands
// after one further character; more of the text could move it.
//
// Of a long text the recent part is read (generate/recent_text.h).
//
// A text that begins like the last one asked about costs only the reading of what differs.
//
// The model must outlive it; others may use it in between. Not thread-safe.
class Completer {
 public:
  explicit Completer(NextCharacter& model);

  // text: well-formed UTF-8, but for Unit::byte. Throws UsageError, as
  // CompletionOptions::validate().
  CompletionResult complete(std::string_view text, const CompletionOptions& options);

  // The probability that what follows ends the word at the text's end; 1 where none stands there.
  double finished(std::string_view text, const CompletionOptions& options);

 private:
  std::string read(std::string_view text);
  void start(const WordAtEnd& at);
  void start_next(WordAtEnd at);
  void take_for_given(text::Token space);
  void search(size_t k, const WordSearch::Limits& limits);
  PhraseBeam::Phrase phrase_of(const WordSearch::Found& found, std::string_view tail) const;
  bool probably_finished(const WordSearch::Limits& limits);
  std::string_view last_character(std::string_view text) const;
  std::string insert_of(const WordSearch::Found& found, std::string_view tail) const;

  NextCharacter& model_;
  SlotPool slots_;
  ReadText read_;
  WordSearch search_;
  PhraseBeam phrases_;
  LongerCharacters longer_;
  text::WordBreaker breaker_;
  int64_t spaced_slot_;               // the text and a space
  std::vector<float> spaced_logits_;  // [V]
  double goes_on_ = 1;                // the probability of all that is searched: else the text ends
  double condition_ = 1;              // of either
};

}  // namespace inkling::generate
