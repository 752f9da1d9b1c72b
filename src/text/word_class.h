#pragma once

#include <cstdint>
#include <string_view>

namespace inkling::text {

// What a code point is to ICU's word boundaries: Unicode's Word_Break property (Unicode Standard
// Annex 29) as ICU's root locale tailors it, as far as it matters to where words begin and end.
enum class WordClass : uint8_t {
  other,   // spaces, line ends, most punctuation, symbols: never in a word
  extend,  // marks, format characters, joiners: belong to what they follow
  letter,
  hebrew,
  hangul,  // a syllable: joins nothing but syllables
  number,
  underscore,    // joins letters, numbers and itself on both sides
  mid_letter,    // between letters it joins them
  mid_number,    // between digits
  mid_both,      // between letters, or between digits
  single_quote,  // as mid_both; and after a Hebrew letter part of the word
  double_quote,  // between Hebrew letters
  dictionary,    // Thai, Lao, Khmer, Han, kana, ...: ICU looks its words up
};

WordClass word_class(char32_t code_point);

// Of a script whose lines are broken between words that a dictionary tells: Thai, Lao, Khmer,
// Burmese, ... (Line_Break SA, Unicode Standard Annex 14).
bool breaks_lines_by_dictionary(char32_t code_point);

}  // namespace inkling::text
