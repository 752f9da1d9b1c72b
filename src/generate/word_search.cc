#include "generate/word_search.h"

#include <algorithm>

#include "generate/shares.h"

namespace inkling::generate {
namespace {

using Kind = WordStep::Kind;

// One product of the model serves so many prefixes in little more than the time of one.
constexpr size_t batch_size = 16;
// Never worth reading, even where nothing else is known yet.
constexpr double negligible = 1e-12;
// ICU's dictionary is asked at once about a character of such a share, about the others when it
// matters.
constexpr double asked_at_once = 1e-2;
constexpr size_t asked_together = 256;

}  // namespace

WordSearch::WordSearch(NextCharacter& model, SlotPool& slots)
    : model_(model), slots_(slots), steps_(model.tokenizer()) {
  const auto vocab_size = static_cast<size_t>(model.vocabulary().size());
  shares_.resize(static_cast<size_t>(model.vocabulary().unknown()));
  logits_.resize(batch_size * vocab_size);
}

void WordSearch::clear() {
  for (const Prefix& prefix : prefixes_) {
    if (prefix.owns_slot) slots_.release(prefix.slot);
  }
  prefixes_.clear();
  bounds_.clear();
  taken_back_ = -1;
  behind_ = false;
  open_.clear();
  least_ = no_word_ = 0;
  expansions_ = 0;
}

// All begins with the text itself; word: as in Prefix.
void WordSearch::expand_text(const WordAtEnd& at, const ReadPoint& text, int32_t word) {
  prefixes_.push_back({.text = at.tail,
                       .mass = 1,
                       .begin = at.begin,
                       .end = at.end,
                       .begun_bytes = at.begun_bytes,
                       .state = at.state,
                       .word = word,
                       .slot = text.slot});
  bounds_.emplace_back();
  expand(0, 1.0, text.logits);
}

void WordSearch::start(const WordAtEnd& at, const ReadPoint& text) {
  clear();
  expand_text(at, text, at.begun().empty() ? -1 : 0);
}

void WordSearch::start(const WordAtEnd& at, const ReadPoint& text, const LastCharacter& last) {
  clear();
  prefixes_.push_back({.text = at.tail,
                       .begin = at.begin,
                       .end = at.end,
                       .state = at.state,
                       .word = 0,
                       .slot = text.slot});
  prefixes_.push_back({.text = at.tail.substr(0, at.tail.size() - last.text.size()),
                       .begin = at.begin,
                       .slot = last.before.slot});
  bounds_.resize(2);
  taken_back_ = 1;

  set_shares(last.before.logits, shares_);
  const auto share = [this](text::Token token) { return shares_[static_cast<size_t>(token)]; };
  double sum = last.token ? share(*last.token) : 0;
  for (const text::Token token : last.longer) sum += share(token);
  const double stays = last.token && sum > 0 ? share(*last.token) / sum : 0;
  for (const text::Token token : last.longer) {
    // All begin as the character does, and so does the word that they are in.
    const WordStep step{WordStep::Kind::goes_on, at.state};
    if (share(token) > 0) {
      keep_open({.mass = share(token) / sum, .parent = taken_back_, .token = token, .step = step});
    }
  }
  prefixes_[0].mass = stays;
  expand(0, stays, text.logits);
}

void WordSearch::start_behind(const WordAtEnd& at, const ReadPoint& text) {
  clear();
  behind_ = true;
  expand_text(at, text, 0);
}

WordRanking WordSearch::rank(size_t k, double width) const {
  const int32_t first = behind_ ? 1 : 0;
  const auto words = std::span<const Bounds>(bounds_).subspan(static_cast<size_t>(first));
  WordRanking ranking = rank_words(words, k, width);
  for (int32_t& word : ranking.best) word += first;
  for (int32_t& word : ranking.blurred) word += first;
  return ranking;
}

bool WordSearch::tighten_root(const Limits& limits) {
  const int32_t root = 0;
  return !limits.reached(expansions_) && look_at_undecided({&root, 1}, readable(limits));
}

void WordSearch::run(size_t k, double width, const Limits& limits) {
  while (!limits.reached(expansions_)) {
    const WordRanking ranking = rank(k, width);
    least_ = std::max(ranking.least, limits.least);
    // First no unseen word may beat the k-th; then the seen ones are told apart.
    const size_t n = readable(limits);
    if (!look_at_best(n) && !look_at_undecided(ranking.blurred, n)) break;
    const auto useful =
        static_cast<size_t>(std::max<int64_t>(limits.max_expansions - expansions_, 0));
    if (open_.size() > 4 * useful + 1024) {
      open_.trim(2 * useful, [this](const OpenPrefix& open) { close(open); });
    }
  }
}

std::vector<WordSearch::Found> WordSearch::found(size_t k) const {
  std::vector<Found> result;
  for (const int32_t i : rank(k, 1).best) {
    const Prefix& prefix = prefixes_[static_cast<size_t>(i)];
    result.push_back(
        {prefix.text, prefix.begin, bounds_[static_cast<size_t>(i)], prefix.mass, prefix.turned});
  }
  return result;
}

bool WordSearch::proven(size_t k) const {
  const WordRanking ranking = rank(k, 1);
  return ranking.ordered && open_.greatest() <= ranking.least;
}

// The size of the next batch.
size_t WordSearch::readable(const Limits& limits) const {
  const int64_t left = std::max<int64_t>(limits.max_expansions - expansions_, 0);
  return std::min(batch_size, static_cast<size_t>(left));
}

bool WordSearch::look_at_best(size_t n) {
  std::vector<OpenPrefix> batch;
  bool any = false;
  while (batch.size() < n) {
    std::vector<OpenPrefix> best = open_.take_best(n - batch.size(), least_);
    if (best.empty()) break;
    any = true;
    decide(best);
    batch.insert(batch.end(), best.begin(), best.end());
  }
  read(batch);
  return any;
}

bool WordSearch::look_at_undecided(std::span<const int32_t> words, size_t n) {
  std::vector<OpenPrefix> batch = open_.take_undecided(words, n, asked_together);
  const bool any = !batch.empty();
  decide(batch);
  read(batch);
  return any;
}

// Asks ICU's dictionary where it has to be asked. What goes on then is an open prefix like others.
void WordSearch::decide(std::vector<OpenPrefix>& batch) {
  std::erase_if(batch, [this](const OpenPrefix& open) {
    if (open.step.kind != Kind::ask) return false;
    const WordStep step = ask(open.parent, open.token);
    const bool ended = step.kind == Kind::ends && open.undecided >= 0;
    settle(open, ended);
    const bool leads_on = ended == is_behind(open.undecided);
    if (leads_on && open.mass >= least_) {
      OpenPrefix decided = open;
      decided.undecided = -1;
      decided.step = {step.kind == Kind::ends ? Kind::begins : step.kind, step.next};
      open_.add(decided);
    } else {
      if (leads_on) open_.leave_out(open.mass);
      close(open);
    }
    return true;
  });
}

// Runs the batch's characters through the model, then looks at what may follow each.
void WordSearch::read(const std::vector<OpenPrefix>& batch) {
  if (batch.empty()) return;
  std::vector<int32_t> promoted;
  std::vector<int64_t> slots;
  std::vector<text::Token> tokens;
  for (const OpenPrefix& open : batch) {
    promoted.push_back(promote(open));
    slots.push_back(prefixes_.back().slot);
    tokens.push_back(open.token);
  }
  const auto vocab_size = static_cast<size_t>(model_.vocabulary().size());
  model_.step(slots, tokens, std::span(logits_).first(batch.size() * vocab_size));
  expansions_ += static_cast<int64_t>(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto logits = std::span<const float>(logits_).subspan(i * vocab_size, vocab_size);
    expand(promoted[i], batch[i].mass, logits);
  }
}

// An open prefix becomes one that is read: with a text and a slot of its own.
int32_t WordSearch::promote(const OpenPrefix& open) {
  const auto index = static_cast<int32_t>(prefixes_.size());
  const int64_t slot = slots_.acquire();
  const Prefix& parent = prefixes_[static_cast<size_t>(open.parent)];
  model_.copy(parent.slot, slot);

  Prefix prefix{.text = parent.text,
                .mass = open.mass,
                .begin = parent.begin,
                .state = open.step.next,
                .turned = open.parent == taken_back_ ? open.token : parent.turned,
                .word = open.undecided,
                .slot = slot,
                .owns_slot = true};
  prefix.text += model_.vocabulary().text(open.token);
  if (open.step.kind == Kind::begins) prefix.begin = parent.text.size() - parent.begun_bytes;
  if (open.step.kind == Kind::partial) prefix.begun_bytes = parent.begun_bytes + 1;
  const bool whole = open.step.kind == Kind::begins || open.step.kind == Kind::goes_on;
  if (whole && in_word(prefix.state)) {
    prefix.word = index;
    prefix.end = prefix.text.size();
  }
  close(open);
  settle(open, false);
  prefixes_.push_back(std::move(prefix));
  bounds_.emplace_back();
  return index;
}

// The parent needs its slot no longer for this one.
void WordSearch::close(const OpenPrefix& open) {
  Prefix& parent = prefixes_[static_cast<size_t>(open.parent)];
  if (--parent.lengthenings > 0 || !parent.owns_slot) return;
  slots_.release(parent.slot);
  parent.owns_slot = false;
}

// The mass hangs over no word any more: it has ended the one it might have ended, or not.
void WordSearch::settle(const OpenPrefix& open, bool ended) {
  if (open.undecided < 0) return;
  Bounds& word = bounds_[static_cast<size_t>(open.undecided)];
  if (ended) {
    word.low += open.mass;
  } else {
    word.high -= open.mass;
  }
  const bool decided = --prefixes_[static_cast<size_t>(open.undecided)].undecided == 0;
  word.high = decided ? word.low : std::max(word.low, word.high);
}

void WordSearch::expand(int32_t index, double mass, std::span<const float> logits) {
  set_shares(logits, shares_);
  const Prefix& prefix = prefixes_[static_cast<size_t>(index)];
  const text::Vocabulary& vocabulary = model_.vocabulary();
  const std::span<const WordStep> steps = steps_.from(prefix.state);
  const std::string_view begun =
      std::string_view(prefix.text).substr(prefix.text.size() - prefix.begun_bytes);
  for (text::Token token = 0; token < vocabulary.unknown(); ++token) {
    const double share = shares_[static_cast<size_t>(token)];
    if (mass * share <= 0) continue;
    WordStep step = steps[static_cast<size_t>(token)];
    if (!begun.empty()) step = steps_.after(prefix.state, begun, token);
    // Behind the end token there is no more text than behind bytes that are none.
    if (!vocabulary.is_character(token)) step.kind = Kind::ill_formed;
    lengthen(index, token, step, share, mass * share);
  }
  if (prefix.lengthenings > 0 || !prefix.owns_slot) return;
  slots_.release(prefix.slot);
  prefixes_[static_cast<size_t>(index)].owns_slot = false;
}

void WordSearch::lengthen(int32_t index, text::Token token, WordStep step, double share,
                          double mass) {
  const Prefix& prefix = prefixes_[static_cast<size_t>(index)];
  if (step.kind == Kind::ask && share >= asked_at_once) step = ask(index, token);
  const bool behind = is_behind(prefix.word);
  if (behind && step.kind == Kind::goes_on) return;
  const bool ended = step.kind == Kind::ends || step.kind == Kind::ill_formed;
  if (ended && prefix.word >= 0) {
    Bounds& word = bounds_[static_cast<size_t>(prefix.word)];
    word.low += mass;
    word.high += mass;
    if (!behind) return;
  }
  if (step.kind == Kind::ill_formed) {
    no_word_ += mass;
    return;
  }
  if (ended) step.kind = step.next == WordState::outside ? Kind::stays : Kind::begins;

  OpenPrefix open{.mass = mass, .parent = index, .token = token, .step = step};
  if (step.kind == Kind::undecided || step.kind == Kind::partial || step.kind == Kind::ask) {
    open.undecided = prefix.word;
  }
  if (open.undecided >= 0) {
    ++prefixes_[static_cast<size_t>(open.undecided)].undecided;
    bounds_[static_cast<size_t>(open.undecided)].high += mass;
  }
  keep_open(open);
}

void WordSearch::keep_open(const OpenPrefix& open) {
  // An undecided one may be needed to tell words apart, however small.
  const bool useful = open.mass >= negligible && (open.mass >= least_ || open.undecided >= 0);
  if (!useful) return open_.leave_out(open.mass);
  open_.add(open);
  ++prefixes_[static_cast<size_t>(open.parent)].lengthenings;
}

// Ends, if ICU puts a boundary at the word's end when this character follows: `next` is what that
// makes of a text of its own.
WordStep WordSearch::ask(int32_t index, text::Token token) {
  const Prefix& prefix = prefixes_[static_cast<size_t>(index)];
  const size_t here = prefix.text.size() - prefix.begun_bytes;
  const size_t end = prefix.word >= 0 ? prefixes_[static_cast<size_t>(prefix.word)].end : here;
  asked_.assign(prefix.text).append(model_.vocabulary().text(token));
  for (const text::Segment& segment : breaker_.words(asked_)) {
    if (segment.end != static_cast<int64_t>(end)) continue;
    return {Kind::ends, word_step(WordState::outside, std::string_view(asked_).substr(here)).next};
  }
  return {Kind::goes_on, WordState::dictionary};
}

}  // namespace inkling::generate
