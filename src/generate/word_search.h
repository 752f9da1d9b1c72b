#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generate/next_character.h"
#include "generate/open_prefixes.h"
#include "generate/slot_pool.h"
#include "generate/token_steps.h"
#include "generate/word_at_end.h"
#include "generate/word_ranking.h"
#include "text/words.h"

namespace inkling::generate {

// Best-first search for the most probable words that a text goes on with, character by character,
// several prefixes at a time through the model.
//
// Every prefix has a probability, its mass; reading one divides its mass among its lengthenings by
// one character. Where that character ends the word, its part is the word's own; else it is the
// mass of a longer, open prefix. So a word's probability is P(its characters) * P(what follows ends
// it), and all words and open prefixes sum to 1 (with no_word()). Where one character does not
// decide, or ICU's dictionary was not asked yet, the longer prefix is open, and an upper bound of
// the word holds its mass. <unk> is excluded and the rest renormalised at every character.
class WordSearch {
 public:
  struct Limits {
    int64_t max_expansions = 0;  // prefixes read since start()
    std::optional<std::chrono::steady_clock::time_point> deadline{};
    double least = 0;  // words less probable than this are not looked for

    bool reached(int64_t expansions) const {
      if (expansions >= max_expansions) return true;
      return deadline && std::chrono::steady_clock::now() >= *deadline;
    }
  };
  // A begun word's last character, which more code points may turn into another one.
  struct LastCharacter {
    std::string_view text;                // the character
    std::optional<text::Token> token;     // nothing where the model does not know it
    ReadPoint before;                     // the text without it
    std::span<const text::Token> longer;  // what it may turn into (generate/longer_characters.h)
  };
  struct Found {
    std::string text;  // the whole tail up to the word's end
    size_t begin = 0;  // of the word in it
    Bounds probability;
    double characters = 0;    // the probability of its characters, whatever comes behind them
    text::Token turned = -1;  // what the last character of the text has turned into; -1 = itself
  };

  // Uses slots of the pool. The model and the pool must outlive it.
  WordSearch(NextCharacter& model, SlotPool& slots);

  // Begins anew at the end of a text, `at`, that the model has read. What stands there may go on.
  void start(const WordAtEnd& at, const ReadPoint& text);
  // Of a begun word: and its last character may turn into others. All is under the condition that
  // it stays or does.
  void start(const WordAtEnd& at, const ReadPoint& text, const LastCharacter& last);
  // Behind the word at the text's end: what joins it is left out. Probabilities are those that it
  // ends there and all else; condition() is that it ends there, by which to divide.
  void start_behind(const WordAtEnd& at, const ReadPoint& text);

  // The probability that the word at the text's end ends here.
  Bounds root_word() const { return bounds_[0]; }
  Bounds condition() const { return behind_ ? bounds_[0] : Bounds{1, 1}; }
  // Narrows its bounds; false where that cannot be done, or not within the limits.
  bool tighten_root(const Limits& limits);

  // Searches until no unseen word can be among the k most probable, their order is certain, and
  // each is known to `width`; or as far as the limits let it.
  void run(size_t k, double width, const Limits& limits);

  // The most probable words found, at most k.
  std::vector<Found> found(size_t k) const;
  // Whether they are certain to be the k most probable, in their order.
  bool proven(size_t k) const;
  double open_mass() const { return open_.mass(); }
  // The probability that the text ends without another word.
  double no_word() const { return no_word_; }
  int64_t expansions() const { return expansions_; }

 private:
  // A text that the model has read. Its Bounds are those of the word at its end, 0 without one.
  struct Prefix {
    std::string text;        // the tail and what was appended
    double mass = 0;         // its probability
    size_t begin = 0;        // in text: of the word
    size_t end = 0;          // in text: of the word that ends there
    size_t begun_bytes = 0;  // at the end of text: of an unfinished code point
    WordState state = WordState::outside;
    text::Token turned = -1;
    int32_t word = -1;  // the prefix whose word this ends: this one, or one before a joiner
    int64_t slot = 0;
    bool owns_slot = false;    // while it has lengthenings
    int32_t lengthenings = 0;  // open ones: they need the slot
    int32_t undecided = 0;     // open ones on which its upper bound depends
  };

  void clear();
  void expand_text(const WordAtEnd& at, const ReadPoint& text, int32_t word);
  // What ends this word goes on to the next one, what joins it leads nowhere.
  bool is_behind(int32_t word) const { return behind_ && word == 0; }
  WordRanking rank(size_t k, double width) const;
  size_t readable(const Limits& limits) const;
  bool look_at_best(size_t n);
  bool look_at_undecided(std::span<const int32_t> words, size_t n);
  void decide(std::vector<OpenPrefix>& batch);
  void read(const std::vector<OpenPrefix>& batch);
  int32_t promote(const OpenPrefix& open);
  void expand(int32_t index, double mass, std::span<const float> logits);
  void lengthen(int32_t index, text::Token token, WordStep step, double share, double mass);
  void keep_open(const OpenPrefix& open);
  void close(const OpenPrefix& open);
  void settle(const OpenPrefix& open, bool ended);
  WordStep ask(int32_t index, text::Token token);

  NextCharacter& model_;
  SlotPool& slots_;
  TokenSteps steps_;
  text::WordBreaker breaker_;
  std::vector<Prefix> prefixes_;  // [0] is the text itself
  std::vector<Bounds> bounds_;    // beside them
  int32_t taken_back_ = -1;       // the prefix without the text's last character
  bool behind_ = false;           // [0]'s word is the condition, and no result
  OpenPrefixes open_;
  double least_ = 0;  // of the k-th word so far: less probable prefixes are left out
  double no_word_ = 0;
  int64_t expansions_ = 0;
  std::vector<double> shares_;  // of all tokens but <unk>
  std::vector<float> logits_;   // [batch, V]
  std::string asked_;
};

}  // namespace inkling::generate
