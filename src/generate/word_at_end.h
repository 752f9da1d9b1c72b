#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "generate/word_rules.h"
#include "text/words.h"

namespace inkling::generate {

// How a text ends, to whoever goes on with it.
struct WordAtEnd {
  std::string
      tail{};  // the end of the text, from where nothing before it matters to the words that follow
  size_t begin = 0;  // in tail: of the word that state speaks of
  size_t end = 0;    // and its end; what may join it to a following letter stands behind
  WordState state = WordState::outside;
  size_t begun_bytes = 0;  // at the end of tail: of an unfinished code point, of which state knows
                           // nothing

  // What follows may be part of a word that stands there.
  bool may_go_on() const { return in_word(state) || behind_word(state); }
  // The word in progress; "" behind a space or other non-word, or half a code point.
  std::string_view begun() const {
    return in_word(state) && begun_bytes == 0 ? std::string_view(tail).substr(begin)
                                              : std::string_view();
  }
};

// The last word by ICU's boundaries. A word and what joins it to a following letter ("don'") is
// behind_word.
WordAtEnd word_at_end(std::string_view text, text::WordBreaker& breaker);

}  // namespace inkling::generate
