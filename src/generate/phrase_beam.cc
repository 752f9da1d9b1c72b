#include "generate/phrase_beam.h"

#include <algorithm>

#include "generate/prompt.h"

namespace inkling::generate {
namespace {

constexpr double known_to = 1e-3;  // of a word's probability behind a phrase

bool more_probable(const Completion& a, const Completion& b) {
  return a.probability() > b.probability();
}

}  // namespace

int64_t PhraseBeam::lengthen(const std::string& prompt, int64_t words,
                             const WordSearch::Limits& limits, std::vector<Completion>& phrases) {
  const size_t width = phrases.size();
  int64_t expansions = 0;
  for (int64_t length = 2; length <= words; ++length) {
    std::vector<Completion> longer;
    for (const Completion& phrase : phrases) {
      // No phrase is more probable than its beginning.
      const double least = longer.size() < width ? 0 : longer.back().probability();
      if (phrase.probability() <= least) break;
      WordSearch::Limits rest = limits;
      rest.max_expansions -= expansions;
      rest.least = least / phrase.probability();
      if (rest.reached(0)) return expansions;
      lengthen(prompt, phrase, width, rest, longer);
      expansions += search_.expansions();
      std::stable_sort(longer.begin(), longer.end(), more_probable);
      longer.resize(std::min(longer.size(), width));
    }
    phrases = std::move(longer);
  }
  return expansions;
}

// Adds the phrase with a word behind it.
void PhraseBeam::lengthen(const std::string& prompt, const Completion& phrase, size_t most,
                          const WordSearch::Limits& limits, std::vector<Completion>& longer) {
  const std::string text = tokenizer_.normalize(prompt + phrase.insert);
  read_.read(prompt_tokens(tokenizer_, text));
  const WordAtEnd at = word_at_end(text, breaker_);
  search_.start_behind(at, read_.end());
  search_.run(most, known_to, limits);
  for (const WordSearch::Found& found : search_.found(most)) {
    const std::string added = found.text.substr(at.tail.size());
    Completion next = phrase;
    next.word += added;
    next.insert += added;
    next.words.push_back(found.text.substr(found.begin));
    next.low = next.high =
        phrase.probability() * (found.probability.low + found.probability.high) / 2;
    longer.push_back(std::move(next));
  }
}

}  // namespace inkling::generate
