#include "generate/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace inkling::generate {

size_t pick(std::span<const Candidate> candidates, double coin) {
  double sum = 0;
  size_t last = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].p <= 0) continue;
    last = i;
    sum += candidates[i].p;
    if (coin < sum) return i;
  }
  return last;  // the sum may end a rounding below 1
}

Sampler::Sampler(const SamplingOptions& options, const text::Vocabulary& vocabulary)
    : options_(options), drawable_(vocabulary.unknown()) {
  options_.validate();
  candidates_.reserve(static_cast<size_t>(drawable_));
  count_.assign(static_cast<size_t>(vocabulary.size()), 0);
  if (options_.repeat_penalty == 1) options_.repeat_last_n = 0;
  recent_.reserve(static_cast<size_t>(std::clamp<int64_t>(options_.repeat_last_n, 0, 65536)));
}

void Sampler::reset() {
  recent_.clear();
  recent_next_ = 0;
  std::fill(count_.begin(), count_.end(), 0);
}

void Sampler::accept(text::Token token) {
  const int64_t window = options_.repeat_last_n;
  if (window == 0) return;
  ++count_[static_cast<size_t>(token)];
  if (window < 0 || recent_.size() < static_cast<size_t>(window)) {
    recent_.push_back(token);
    return;
  }
  --count_[static_cast<size_t>(recent_[recent_next_])];
  recent_[recent_next_] = token;
  recent_next_ = (recent_next_ + 1) % recent_.size();
}

text::Token Sampler::draw(std::span<const float> logits, Random& random) {
  candidates_.clear();
  bool any = false;
  for (text::Token token = 0; token < drawable_; ++token) {
    const float logit = logits[static_cast<size_t>(token)];
    if (std::isnan(logit) || logit == std::numeric_limits<float>::infinity()) {
      data_error(
          "the model's output is not a number: its weights are damaged or training diverged");
    }
    any = any || std::isfinite(logit);
    candidates_.push_back({.token = token, .logit = logit});
  }
  if (!any) data_error("the model leaves no character to draw: its weights are damaged");

  repeat_penalty(candidates_, count_, options_.repeat_penalty);
  if (options_.temp == 0) {
    temperature(candidates_, 0);
    return candidates_.front().token;
  }
  top_k(candidates_, options_.top_k);
  typical(candidates_, options_.typical);
  top_p(candidates_, options_.top_p);
  min_p(candidates_, options_.min_p);
  temperature(candidates_, options_.temp);
  return candidates_[pick(candidates_, random.uniform())].token;
}

}  // namespace inkling::generate
