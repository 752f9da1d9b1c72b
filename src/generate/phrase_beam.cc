#include "generate/phrase_beam.h"

#include <algorithm>

#include "generate/prompt.h"

namespace inkling::generate {
namespace {

bool more_probable(const PhraseBeam::Phrase& a, const PhraseBeam::Phrase& b) {
  return a.completion.probability() > b.completion.probability();
}

// Among the `most` most probable, if it is one of these.
void keep(PhraseBeam::Phrase phrase, size_t most, std::vector<PhraseBeam::Phrase>& kept) {
  const auto place = std::upper_bound(kept.begin(), kept.end(), phrase, more_probable);
  kept.insert(place, std::move(phrase));
  kept.resize(std::min(kept.size(), most));
}

}  // namespace

int64_t PhraseBeam::lengthen(const std::string& prompt, int64_t words, double width,
                             const WordSearch::Limits& limits, std::vector<Phrase>& phrases) {
  const size_t most = phrases.size();
  int64_t expansions = 0;
  for (int64_t length = 2; length <= words; ++length) {
    std::vector<Phrase> longer;
    int64_t spent = 0;
    for (const Phrase& phrase : phrases) {
      // No phrase is more probable than its beginning.
      const double least = longer.size() < most ? 0 : longer.back().completion.low;
      if (phrase.completion.high <= least) continue;
      if (phrase.completion.ends) {
        keep(phrase, most, longer);
        continue;
      }
      WordSearch::Limits rest = limits;
      rest.max_expansions -= spent;
      rest.least = least / phrase.characters.high;
      if (rest.reached(0)) continue;
      lengthen(prompt, phrase, most, width, rest, longer);
      spent += search_.expansions();
    }
    expansions += spent;
    if (longer.empty()) break;
    phrases = std::move(longer);
  }
  return expansions;
}

// Adds the phrase with a word behind it, and ended. That its last word ends is counted with what
// comes next, in the same texts, so its characters are what is multiplied.
void PhraseBeam::lengthen(const std::string& prompt, const Phrase& phrase, size_t most,
                          double width, const WordSearch::Limits& limits,
                          std::vector<Phrase>& longer) {
  const std::string text = tokenizer_.normalize(prompt + phrase.completion.insert);
  read_.read(prompt_tokens(tokenizer_, prompt, phrase.completion.insert));
  const WordAtEnd at = word_at_end(text, breaker_);
  search_.start_behind(at, read_.end());
  search_.run(most, width / phrase.characters.high, limits);
  for (const WordSearch::Found& found : search_.found(most)) {
    const std::string added = found.text.substr(at.tail.size());
    Completion next = phrase.completion;
    next.word += added;
    next.insert += added;
    next.words.push_back(found.text.substr(found.begin));
    const auto [low, high] = phrase.characters;
    next.low = low * found.probability.low;
    next.high = high * found.probability.high;
    keep({std::move(next), {low * found.characters, high * found.characters}}, most, longer);
  }
  if (!tokenizer_.vocabulary().has_end() || search_.no_word() == 0) return;
  Phrase ended = phrase;
  ended.completion.ends = true;
  ended.completion.low = phrase.characters.low * search_.no_word();
  ended.completion.high = phrase.characters.high * search_.no_word();
  keep(std::move(ended), most, longer);
}

}  // namespace inkling::generate
