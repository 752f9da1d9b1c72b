#include "generate/completer.h"

#include <chrono>
#include <optional>

#include "generate/prompt.h"
#include "generate/word_at_end.h"

namespace inkling::generate {
namespace {

// Half a digit of a percentage: bounds nearer than this are as good as exact to a reader.
constexpr double shown_width = 5e-4;

WordSearch::Limits limits_of(const CompletionOptions& options) {
  WordSearch::Limits limits{.max_expansions = options.max_expansions};
  if (options.time_limit_ms > 0) {
    limits.deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(options.time_limit_ms);
  }
  return limits;
}

}  // namespace

void CompletionOptions::validate() const {
  if (next && begun) usage_error("--next and --begun exclude each other: give one");
}

std::string_view without_gap(std::string_view text) {
  const size_t last = text.find_last_not_of('_');
  const size_t end = last == std::string_view::npos ? 0 : last + 1;
  return text.size() - end >= 3 ? text.substr(0, end) : text;
}

Completer::Completer(NextCharacter& model)
    : model_(model), search_(model), logits_(static_cast<size_t>(model.vocabulary().size())) {}

CompletionResult Completer::complete(std::string_view text, const CompletionOptions& options) {
  options.validate();
  const WordSearch::Limits limits = limits_of(options);
  const std::string prompt = model_.tokenizer().normalize(without_gap(text));
  model_.reset(0);
  model_.read(0, prompt_tokens(model_.tokenizer(), prompt), logits_);

  WordAtEnd at = word_at_end(prompt, breaker_);
  const size_t prompt_end = at.tail.size();
  CompletionResult result{.begun = std::string(at.begun())};
  const bool in_progress = !result.begun.empty();
  if (!in_progress || !options.next) search_.start(at, logits_, false);
  if (in_progress && (options.next || (!options.begun && probably_finished(limits)))) {
    result.begun.clear();
    const bool spaced = step_over_space(at);
    search_.start(at, logits_, !spaced);
  }
  const auto k = static_cast<size_t>(options.k);
  search_.run(k, shown_width, limits);

  for (const WordSearch::Found& found : search_.found(k)) {
    result.completions.push_back({.word = found.text.substr(found.begin),
                                  .insert = found.text.substr(prompt_end),
                                  .low = found.probability.low,
                                  .high = found.probability.high});
  }
  result.open_mass = search_.open_mass();
  result.no_word = search_.no_word();
  result.proven = search_.proven(k);
  result.expansions = search_.expansions();
  return result;
}

bool Completer::probably_finished(const WordSearch::Limits& limits) {
  while (search_.root_word().low <= 0.5 && search_.root_word().high > 0.5) {
    if (!search_.tighten_root(limits)) break;
  }
  const auto [low, high] = search_.root_word();
  return low + high > 1;
}

// Appends the space that is expected between words. False where none is: at.state is then still in
// the word.
bool Completer::step_over_space(WordAtEnd& at) {
  const std::optional<text::Token> space = model_.vocabulary().find(" ");
  if (at.state == WordState::dictionary || !space) return false;
  const int64_t slot = 0;
  model_.step({&slot, 1}, {&*space, 1}, logits_);
  at.tail += ' ';
  at.state = WordState::outside;
  return true;
}

}  // namespace inkling::generate
