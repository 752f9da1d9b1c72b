#include "generate/word_rules.h"

#include "text/utf8.h"

namespace inkling::generate {
namespace {

using text::WordClass;
using Kind = WordStep::Kind;

WordStep begin(WordClass next) {
  switch (next) {
    case WordClass::letter:
      return {Kind::begins, WordState::letter};
    case WordClass::hebrew:
      return {Kind::begins, WordState::hebrew};
    case WordClass::hangul:
      return {Kind::begins, WordState::hangul};
    case WordClass::number:
      return {Kind::begins, WordState::number};
    case WordClass::dictionary:
      return {Kind::begins, WordState::dictionary};
    case WordClass::underscore:
      return {Kind::begins, WordState::lone_underscore};
    default:
      return {Kind::stays, WordState::outside};
  }
}

bool is_letter(WordClass c) { return c == WordClass::letter || c == WordClass::hebrew; }

// The state of a word that goes on with a letter, number or underscore.
WordStep go_on(WordClass next) {
  switch (next) {
    case WordClass::hebrew:
      return {Kind::goes_on, WordState::hebrew};
    case WordClass::number:
      return {Kind::goes_on, WordState::number};
    case WordClass::underscore:
      return {Kind::goes_on, WordState::underscore};
    default:
      return {Kind::goes_on, WordState::letter};
  }
}

WordStep end(WordClass next) { return {Kind::ends, begin(next).next}; }

bool joins_letters(WordClass c) {
  return c == WordClass::mid_letter || c == WordClass::mid_both || c == WordClass::single_quote;
}

bool joins_numbers(WordClass c) {
  return c == WordClass::mid_number || c == WordClass::mid_both || c == WordClass::single_quote;
}

bool asks(WordState state, WordClass next) {
  if (state == WordState::dictionary) {
    return is_letter(next) || next == WordClass::hangul || next == WordClass::number ||
           next == WordClass::underscore || next == WordClass::dictionary;
  }
  return next == WordClass::dictionary;
}

}  // namespace

// The numbers are the annex's rules.
WordStep word_step(WordState state, WordClass next) {
  if (state == WordState::outside) return begin(next);
  if (next == WordClass::extend) {  // 4: is as if it were not there
    return {behind_word(state) ? Kind::undecided : Kind::goes_on, state};
  }
  if (asks(state, next)) return {Kind::ask, WordState::dictionary};

  const bool chains = is_letter(next) || next == WordClass::number || next == WordClass::underscore;
  switch (state) {
    case WordState::hebrew:
      if (next == WordClass::single_quote) return {Kind::goes_on, WordState::hebrew_quote};  // 7a
      if (next == WordClass::double_quote) return {Kind::undecided, WordState::hebrew_mid};  // 7b
      [[fallthrough]];
    case WordState::letter:
      if (chains) return go_on(next);                                            // 5, 9, 13a
      if (joins_letters(next)) return {Kind::undecided, WordState::letter_mid};  // 6
      return end(next);
    case WordState::number:
      if (chains) return go_on(next);                                            // 8, 10, 13a
      if (joins_numbers(next)) return {Kind::undecided, WordState::number_mid};  // 12
      return end(next);
    case WordState::underscore:
    case WordState::lone_underscore:
      return chains ? go_on(next) : end(next);  // 13a, 13b
    case WordState::hangul:
      return next == WordClass::hangul ? WordStep{Kind::goes_on, state} : end(next);
    case WordState::hebrew_quote:
    case WordState::letter_mid:
      return is_letter(next) ? go_on(next) : end(next);  // 7
    case WordState::hebrew_mid:
      return next == WordClass::hebrew ? go_on(next) : end(next);  // 7c
    case WordState::number_mid:
      return next == WordClass::number ? go_on(next) : end(next);  // 11
    case WordState::dictionary:
    case WordState::outside:
      break;
  }
  return end(next);
}

WordStep word_step(WordState state, std::string_view character) {
  size_t at = 0;
  WordStep result = word_step(state, text::word_class(text::next_code_point(character, at)));
  if (result.kind == Kind::stays || result.kind == Kind::ask) return result;
  while (at < character.size()) {
    const WordStep inner =
        word_step(result.next, text::word_class(text::next_code_point(character, at)));
    result.next = inner.next;
  }
  return result;
}

}  // namespace inkling::generate
