#include "generate/completer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "generate/gap.h"
#include "generate/prompt.h"
#include "generate/recent_text.h"
#include "generate/shares.h"
#include "generate/word_at_end.h"
#include "text/segmenter.h"

namespace inkling::generate {
namespace {

// Bounds nearer than this are as good as exact to who reads a percentage with two decimals.
constexpr double shown_width = 1e-4;
// Phrases of several words are looked for among at least so many.
constexpr int64_t least_beam = 10;

WordSearch::Limits limits_of(const CompletionOptions& options) {
  WordSearch::Limits limits{.max_expansions = options.max_expansions};
  if (options.time_limit_ms > 0) {
    limits.deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(options.time_limit_ms);
  }
  return limits;
}

}  // namespace

Completer::Completer(NextCharacter& model)
    : model_(model),
      slots_(model),
      read_(model, slots_),
      search_(model, slots_),
      phrases_(model.tokenizer(), read_, search_),
      longer_(model.tokenizer()),
      spaced_slot_(slots_.acquire()),
      spaced_logits_(static_cast<size_t>(model.vocabulary().size())) {}

CompletionResult Completer::complete(std::string_view text, const CompletionOptions& options) {
  options.validate();
  const std::string prompt = read(without_gap(text));
  // From here on: without having read the text nothing could be answered.
  const WordSearch::Limits of_a_word = limits_of(options);
  WordSearch::Limits limits = of_a_word;
  goes_on_ = condition_ = 1;

  const WordAtEnd at = word_at_end(prompt, breaker_);
  CompletionResult result{.begun = std::string(at.begun())};
  const bool in_progress = !result.begun.empty();
  bool next = options.next && at.may_go_on();
  if (!next) {
    start(at);
    next = in_progress && !options.begun && probably_finished(limits);
    if (next) result.expansions = search_.expansions();
  }
  if (next) {
    result.begun.clear();
    limits.max_expansions -= result.expansions;
    start_next(at);
  }
  const auto k =
      static_cast<size_t>(options.words > 1 ? std::max(options.k, least_beam) : options.k);
  search(k, limits);

  std::vector<PhraseBeam::Phrase> phrases;
  for (const WordSearch::Found& found : search_.found(k))
    phrases.push_back(phrase_of(found, at.tail));
  const double possible = search_.condition().high;
  if (possible > 0) {
    result.open_mass = goes_on_ * search_.open_mass() / possible;
    result.no_word = 1 - goes_on_ + goes_on_ * search_.no_word() / possible;
  }
  result.condition = condition_ * (search_.condition().low + search_.condition().high) / 2;
  result.proven = search_.proven(k);
  result.expansions += search_.expansions();
  if (options.words > 1) {
    result.expansions += phrases_.lengthen(prompt, options.words, shown_width, of_a_word, phrases);
    result.proven = false;
    result.open_mass = 1 - result.no_word;
    for (const auto& [phrase, characters] : phrases) result.open_mass -= phrase.low;
  }
  phrases.resize(std::min(static_cast<size_t>(options.k), phrases.size()));
  for (PhraseBeam::Phrase& phrase : phrases)
    result.completions.push_back(std::move(phrase.completion));
  // Found by what they have at least, shown by the middle of their bounds.
  std::stable_sort(
      result.completions.begin(), result.completions.end(),
      [](const Completion& a, const Completion& b) { return a.probability() > b.probability(); });
  return result;
}

double Completer::finished(std::string_view text, const CompletionOptions& options) {
  const WordAtEnd at = word_at_end(read(text), breaker_);
  if (at.begun().empty()) return 1;
  const WordSearch::Limits limits = limits_of(options);
  search_.start(at, read_.end());
  const auto vague = [this] {
    return search_.root_word().high - search_.root_word().low > shown_width;
  };
  while (vague() && search_.tighten_root(limits)) continue;
  return (search_.root_word().low + search_.root_word().high) / 2;
}

// Returns what was read, normalised.
std::string Completer::read(std::string_view text) {
  std::string recent = model_.tokenizer().normalize(recent_text(text));
  read_.read(prompt_tokens(model_.tokenizer(), recent));
  return recent;
}

// Narrows the bounds until they are as good as exact under the condition, too.
void Completer::search(size_t k, const WordSearch::Limits& limits) {
  search_.run(k, shown_width, limits);
  if (search_.condition().low >= 1) return;
  const auto vague = [this] {
    const auto [low, high] = search_.condition();
    return high - low > shown_width * low;
  };
  while (vague() && search_.tighten_root(limits)) continue;
  search_.run(k, shown_width * search_.condition().low, limits);
}

PhraseBeam::Phrase Completer::phrase_of(const WordSearch::Found& found,
                                        std::string_view tail) const {
  const auto [low, high] = search_.condition();
  const auto at_least = [this, most = high](double share) {
    return most > 0 ? goes_on_ * share / most : 0;
  };
  const auto at_most = [this, least = low](double share) {
    return goes_on_ * (share < least ? share / least : 1);  // also where no condition is known yet
  };
  const std::string word = found.text.substr(found.begin);
  return {{.word = word,
           .insert = insert_of(found, tail),
           .low = at_least(found.probability.low),
           .high = at_most(found.probability.high),
           .words = {word}},
          {at_least(found.characters), at_most(found.characters)}};
}

// Begins the search where the text ends.
void Completer::start(const WordAtEnd& at) {
  const std::optional<ReadPoint> before = read_.before_last();
  if (!in_word(at.state) || !before) return search_.start(at, read_.end());
  const std::string_view last = last_character(at.tail);
  const std::vector<text::Token> longer = longer_.of(last);
  if (longer.empty()) return search_.start(at, read_.end());
  search_.start(at, read_.end(), {last, model_.vocabulary().find(last), *before, longer});
}

// Begins the search behind the word at the text's end and a space, where one is expected.
void Completer::start_next(WordAtEnd at) {
  const std::optional<text::Token> space = model_.vocabulary().find(" ");
  if (at.state == WordState::dictionary || !space || at.begun_bytes > 0)
    return search_.start_behind(at, read_.end());
  take_for_given(*space);
  model_.copy(read_.end().slot, spaced_slot_);
  model_.step({&spaced_slot_, 1}, {&*space, 1}, spaced_logits_);
  at.tail += ' ';
  at.state = WordState::outside;
  search_.start(at, {spaced_slot_, spaced_logits_});
}

// That a space follows, or where texts can end, the end.
void Completer::take_for_given(text::Token space) {
  const text::Vocabulary& vocabulary = model_.vocabulary();
  const auto share = [&](text::Token token) {
    return std::exp(log_share(read_.end().logits, token, vocabulary.unknown()));
  };
  const double goes_on = share(space);
  condition_ = goes_on + (vocabulary.has_end() ? share(vocabulary.end()) : 0);
  if (condition_ > 0) goes_on_ = goes_on / condition_;
}

std::string_view Completer::last_character(std::string_view text) const {
  std::string_view last;
  text::for_each_character(text, model_.tokenizer().options().unit,
                           [&](std::string_view character) { last = character; });
  return last;
}

std::string Completer::insert_of(const WordSearch::Found& found, std::string_view tail) const {
  if (found.turned < 0) return found.text.substr(tail.size());
  const std::string_view last = last_character(tail);
  const size_t turned = model_.vocabulary().text(found.turned).size();
  return longer_.rest(last, found.turned) + found.text.substr(tail.size() - last.size() + turned);
}

bool Completer::probably_finished(const WordSearch::Limits& limits) {
  while (search_.root_word().low <= 0.5 && search_.root_word().high > 0.5) {
    if (!search_.tighten_root(limits)) break;
  }
  const auto [low, high] = search_.root_word();
  return low + high > 1;
}

}  // namespace inkling::generate
