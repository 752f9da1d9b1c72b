#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "text/word_class.h"

namespace inkling::generate {

// Where words begin and end, one code point at a time: the rules of Unicode Standard Annex 29 that
// touch words, as a small state machine. Agrees with text::WordBreaker (a test), but for scripts
// with a dictionary, where it says `ask`.

// What stands at the end of a text.
enum class WordState : uint8_t {
  outside,  // no word
  letter,   // a word, by its last character
  hebrew,
  hebrew_quote,  // a word that ends in a Hebrew letter and '
  hangul,
  number,
  underscore,
  dictionary,       // a word with a character that ICU looks up
  lone_underscore,  // not yet a word: "_" becomes one with what follows
  letter_mid,       // a word and a character that joins it to a following letter ("don'")
  hebrew_mid,       // a word and ", before a Hebrew letter
  number_mid,       // a word and a character that joins it to a following digit ("3.")
};
constexpr int word_states = 12;

// The text is a whole word, or would be with nothing else after it.
constexpr bool in_word(WordState state) {
  return state >= WordState::letter && state <= WordState::dictionary;
}
// A word stands before the text's end, and what follows it may yet join it.
constexpr bool behind_word(WordState state) { return state >= WordState::letter_mid; }

// What a further character does.
struct WordStep {
  enum class Kind : uint8_t {
    stays,       // outside as before
    begins,      // it begins a word (or a lone underscore)
    goes_on,     // it is part of the word, and so is all between
    undecided,   // it joins the word or ends it: the next character tells
    ends,        // the word has ended before it; next is what it makes of a text of its own
    ask,         // ICU's dictionary decides between ends and goes_on
    partial,     // a code point of which bytes are missing
    ill_formed,  // bytes that are no text
  };
  Kind kind = Kind::stays;
  WordState next = WordState::outside;
};

WordStep word_step(WordState state, text::WordClass next);

// The same for a whole character (a cluster), which is never divided.
WordStep word_step(WordState state, std::string_view character);

}  // namespace inkling::generate
