#include "generate/word_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace inkling::generate {
namespace {

using Kind = WordStep::Kind;

// One product of the model serves so many prefixes in little more than the time of one.
constexpr size_t batch_size = 16;
// Never worth reading, even where nothing else is known yet.
constexpr double negligible = 1e-12;
// ICU's dictionary is not asked about a character of so small a share: it stays undecided.
constexpr double not_asked = 1e-5;

}  // namespace

WordSearch::WordSearch(NextCharacter& model)
    : model_(model), steps_(model.tokenizer()), slots_(model) {
  const auto vocab_size = static_cast<size_t>(model.vocabulary().size());
  shares_.resize(vocab_size);
  logits_.resize(batch_size * vocab_size);
}

void WordSearch::start(const WordAtEnd& at, std::span<const float> logits, bool finished) {
  slots_.release_all();
  prefixes_.clear();
  bounds_.assign(1, Bounds{});
  open_.clear();
  least_ = no_word_ = 0;
  expansions_ = 0;

  Prefix root{.text = at.tail, .begin = at.begin, .state = at.state};
  root.word = in_word(at.state) && !finished ? 0 : -1;
  prefixes_.push_back(std::move(root));
  if (!finished) return expand(0, 1.0, logits);

  std::vector<float> possible(logits.begin(), logits.end());
  set_shares(logits);
  const std::span<const WordStep> steps = steps_.from(at.state);
  for (text::Token token = 0; token < model_.vocabulary().characters(); ++token) {
    const auto i = static_cast<size_t>(token);
    Kind kind = steps[i].kind;
    if (kind == Kind::ask) kind = shares_[i] < not_asked ? Kind::goes_on : ask(0, token).kind;
    if (kind == Kind::goes_on) possible[i] = -std::numeric_limits<float>::infinity();
  }
  prefixes_[0].state = WordState::outside;
  expand(0, 1.0, possible);
}

bool WordSearch::tighten_root(const Limits& limits) {
  const int32_t root = 0;
  if (!within(limits)) return false;
  const std::vector<OpenPrefix> batch = open_.take_undecided({&root, 1}, batch_size);
  read(batch);
  return !batch.empty();
}

void WordSearch::run(size_t k, double width, const Limits& limits) {
  while (within(limits)) {
    const WordRanking ranking = rank_words(bounds_, k, width);
    least_ = ranking.least;
    // First no unseen word may beat the k-th; then the seen ones are told apart.
    std::vector<OpenPrefix> batch = open_.take_best(batch_size, least_);
    if (batch.empty()) batch = open_.take_undecided(ranking.blurred, batch_size);
    if (batch.empty()) break;
    read(batch);
    const auto useful =
        static_cast<size_t>(std::max<int64_t>(limits.max_expansions - expansions_, 0));
    if (open_.size() > 4 * useful + 1024) {
      open_.trim(2 * useful, [this](const OpenPrefix& open) { close(open); });
    }
  }
}

bool WordSearch::within(const Limits& limits) const {
  if (expansions_ >= limits.max_expansions) return false;
  return !limits.deadline || std::chrono::steady_clock::now() < *limits.deadline;
}

std::vector<WordSearch::Found> WordSearch::found(size_t k) const {
  std::vector<Found> result;
  for (const int32_t i : rank_words(bounds_, k, 1).best) {
    const Prefix& prefix = prefixes_[static_cast<size_t>(i)];
    result.push_back({prefix.text, prefix.begin, bounds_[static_cast<size_t>(i)]});
  }
  return result;
}

bool WordSearch::proven(size_t k) const {
  const WordRanking ranking = rank_words(bounds_, k, 1);
  return ranking.ordered && open_.greatest() <= ranking.least;
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
  Prefix& parent = prefixes_[static_cast<size_t>(open.parent)];
  model_.copy(parent.slot, slot);

  Prefix prefix{.text = parent.text, .begin = parent.begin, .state = open.step.next, .slot = slot};
  prefix.text += model_.vocabulary().text(open.token);
  if (open.step.kind == Kind::begins) prefix.begin = parent.text.size() - parent.begun_bytes;
  if (open.step.kind == Kind::partial) prefix.begun_bytes = parent.begun_bytes + 1;
  prefix.word = open.undecided;
  const bool whole = open.step.kind == Kind::begins || open.step.kind == Kind::goes_on;
  if (whole && in_word(prefix.state)) prefix.word = index;
  close(open);
  if (open.undecided >= 0) {
    Bounds& word = bounds_[static_cast<size_t>(open.undecided)];
    const bool decided = --prefixes_[static_cast<size_t>(open.undecided)].undecided == 0;
    word.high = decided ? word.low : std::max(word.low, word.high - open.mass);
  }
  prefixes_.push_back(std::move(prefix));
  bounds_.emplace_back();
  return index;
}

// The parent needs its slot no longer for this one.
void WordSearch::close(const OpenPrefix& open) {
  Prefix& parent = prefixes_[static_cast<size_t>(open.parent)];
  if (--parent.lengthenings == 0 && open.parent > 0) slots_.release(parent.slot);
}

void WordSearch::expand(int32_t index, double mass, std::span<const float> logits) {
  set_shares(logits);
  Prefix& prefix = prefixes_[static_cast<size_t>(index)];
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
  if (prefix.lengthenings == 0 && index > 0) slots_.release(prefix.slot);
}

void WordSearch::lengthen(int32_t index, text::Token token, WordStep step, double share,
                          double mass) {
  Prefix& prefix = prefixes_[static_cast<size_t>(index)];
  const bool asked = step.kind != Kind::ask || share >= not_asked;
  if (step.kind == Kind::ask && asked) step = ask(index, token);
  const bool ended = step.kind == Kind::ends || step.kind == Kind::ill_formed;
  if (ended && prefix.word >= 0) {
    Bounds& word = bounds_[static_cast<size_t>(prefix.word)];
    word.low += mass;
    word.high += mass;
    return;
  }
  if (step.kind == Kind::ill_formed) {
    no_word_ += mass;
    return;
  }
  if (ended) step.kind = step.next == WordState::outside ? Kind::stays : Kind::begins;

  OpenPrefix open{.mass = mass, .parent = index, .token = token, .step = step};
  if (step.kind == Kind::undecided || step.kind == Kind::partial || !asked) {
    open.undecided = prefix.word;
  }
  if (open.undecided >= 0) {
    ++prefixes_[static_cast<size_t>(open.undecided)].undecided;
    bounds_[static_cast<size_t>(open.undecided)].high += mass;
  }
  // An undecided one may be needed to tell words apart, however small.
  const bool useful = mass >= negligible && (mass >= least_ || open.undecided >= 0);
  if (!asked || !useful) return open_.leave_out(mass);
  open_.add(open);
  ++prefix.lengthenings;
}

// Ends, if ICU puts a boundary at the word's end when this character follows.
WordStep WordSearch::ask(int32_t index, text::Token token) {
  const Prefix& prefix = prefixes_[static_cast<size_t>(index)];
  const size_t end = prefix.word >= 0 ? prefixes_[static_cast<size_t>(prefix.word)].text.size()
                                      : prefix.text.size() - prefix.begun_bytes;
  asked_.assign(prefix.text).append(model_.vocabulary().text(token));
  for (const text::Segment& segment : breaker_.words(asked_)) {
    if (segment.end == static_cast<int64_t>(end)) return {Kind::ends, WordState::dictionary};
  }
  return {Kind::goes_on, WordState::dictionary};
}

void WordSearch::set_shares(std::span<const float> logits) {
  const auto possible = logits.first(static_cast<size_t>(model_.vocabulary().unknown()));
  const float greatest = *std::max_element(possible.begin(), possible.end());
  if (greatest == -std::numeric_limits<float>::infinity()) {
    std::fill(shares_.begin(), shares_.end(), 0.0);
    return;
  }
  double sum = 0;
  for (size_t i = 0; i < possible.size(); ++i) {
    sum += shares_[i] = std::exp(static_cast<double>(possible[i]) - greatest);
  }
  if (!std::isfinite(sum)) {
    data_error("the model's output is not a number: its weights are damaged or training diverged");
  }
  for (double& share : shares_) share /= sum;
}

}  // namespace inkling::generate
