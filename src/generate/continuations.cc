#include "generate/continuations.h"

#include <algorithm>

#include "generate/shares.h"
#include "generate/slot_pool.h"

namespace inkling::generate {
namespace {

constexpr size_t most_at_once = 64;

void score_together(NextCharacter& model, const ReadPoint& text,
                    std::span<Continuation> continuations) {
  const text::Token unknown = model.vocabulary().unknown();
  const auto vocab_size = static_cast<size_t>(model.vocabulary().size());
  SlotPool pool(model);
  std::vector<int64_t> slots;  // of the continuations
  size_t longest = 0;
  for (Continuation& c : continuations) {
    slots.push_back(pool.acquire());
    model.copy(text.slot, slots.back());
    longest = std::max(longest, c.tokens.size());
    c.log_probability = 0;
  }
  // Row i of `logits` is what comes behind the t characters of continuation `at[i]`.
  std::vector<size_t> at(continuations.size());
  std::vector<float> logits;
  for (size_t i = 0; i < at.size(); ++i) {
    at[i] = i;
    logits.insert(logits.end(), text.logits.begin(), text.logits.end());
  }
  for (size_t t = 0; t < longest; ++t) {
    std::vector<size_t> longer;
    std::vector<int64_t> stepped;
    std::vector<text::Token> tokens;
    for (size_t i = 0; i < at.size(); ++i) {
      Continuation& c = continuations[at[i]];
      if (t >= c.tokens.size()) continue;
      const text::Token token = c.tokens[t];
      if (token != unknown) {
        const auto row = std::span<const float>(logits).subspan(i * vocab_size, vocab_size);
        c.log_probability += log_share(row, token, unknown);
      }
      if (t + 1 == c.tokens.size()) continue;
      longer.push_back(at[i]);
      stepped.push_back(slots[at[i]]);
      tokens.push_back(token);
    }
    at = std::move(longer);
    if (at.empty()) return;
    model.step(stepped, tokens, std::span(logits).first(at.size() * vocab_size));
  }
}

}  // namespace

void score(NextCharacter& model, const ReadPoint& text, std::span<Continuation> continuations) {
  for (size_t first = 0; first < continuations.size(); first += most_at_once) {
    const size_t n = std::min(most_at_once, continuations.size() - first);
    score_together(model, text, continuations.subspan(first, n));
  }
}

}  // namespace inkling::generate
