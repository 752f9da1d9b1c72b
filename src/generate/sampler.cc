#include "generate/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "generate/character_bias.h"
#include "text/utf8.h"

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

Sampler::Sampler(const SamplingOptions& options, const text::Tokenizer& tokenizer,
                 double validation_bits)
    : options_(options),
      steps_(options.steps()),
      greedy_(options.greedy()),
      bytes_(tokenizer.options().unit == text::Unit::byte),
      vocabulary_(tokenizer.vocabulary()),
      drawable_(vocabulary_.unknown()),
      allowed_(options.only, options.never, tokenizer),
      bias_(token_bias(options.logit_bias, tokenizer)) {
  options_.validate();
  candidates_.reserve(static_cast<size_t>(drawable_));
  const auto vocab_size = static_cast<size_t>(vocabulary_.size());
  count_.assign(vocab_size, 0);
  if (options_.repeat_penalty == 1 && options_.presence_penalty == 0 &&
      options_.frequency_penalty == 0) {
    options_.repeat_last_n = 0;
  }
  recent_.reserve(static_cast<size_t>(std::clamp<int64_t>(options_.repeat_last_n, 0, 65536)));
  const auto has = [&](SamplerStep step) {
    return std::find(steps_.begin(), steps_.end(), step) != steps_.end();
  };
  if (options_.dry_multiplier > 0 && has(SamplerStep::dry)) {
    const int64_t window = options_.dry_penalty_last_n;
    repetitions_.emplace(vocabulary_.size(),
                         window < 0 ? SamplingOptions::most_dry_characters : window,
                         options_.dry_allowed_length);
  }
  if (has(SamplerStep::mirostat)) {
    mirostat_target_ = options_.mirostat_ent >= 0 ? options_.mirostat_ent : validation_bits;
    if (std::isnan(mirostat_target_)) {
      usage_error(
          "mirostat has no target, as the model's loss was never measured; give --mirostat-ent, in "
          "bits per character");
    }
    surprise_.resize(vocab_size);
  }
  reset();
}

void Sampler::reset() {
  recent_.clear();
  recent_next_ = 0;
  std::fill(count_.begin(), count_.end(), 0);
  if (repetitions_) repetitions_->clear();
  begun_.clear();
  mirostat_limit_ = 2 * mirostat_target_;
}

void Sampler::accept(text::Token token) { accept({&token, 1}); }

void Sampler::accept(std::span<const text::Token> tokens) {
  if (repetitions_) repetitions_->add(tokens);
  for (const text::Token token : tokens) remember(token);
}

void Sampler::remember(text::Token token) {
  if (bytes_) {
    begun_ += vocabulary_.text(token);
    begun_.erase(0, text::without_begun_code_point(begun_));
  }
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

// The candidates with the bias, without what is forbidden.
void Sampler::admit(std::span<const float> logits) {
  candidates_.clear();
  for (text::Token token = 0; token < drawable_; ++token) {
    const float logit = logits[static_cast<size_t>(token)];
    if (std::isnan(logit) || logit == std::numeric_limits<float>::infinity()) {
      data_error(
          "the model's output is not a number: its weights are damaged or training diverged");
    }
    candidates_.push_back({.token = token, .logit = logit});
  }
  if (!bias_.empty()) logit_bias(candidates_, bias_);
  const std::span<const uint8_t> allowed = allowed_.after(begun_);
  if (!allowed.empty()) keep_allowed(candidates_, allowed);
  const auto possible = [](const Candidate& c) { return std::isfinite(c.logit); };
  if (!std::any_of(candidates_.begin(), candidates_.end(), possible)) {
    data_error(
        "no character is left to draw: --only, --never and --logit-bias forbid all that the model "
        "has here, or its weights are damaged");
  }
}

void Sampler::limit_surprise() {
  normalise(candidates_);
  for (const Candidate& c : candidates_) surprise_[static_cast<size_t>(c.token)] = -std::log2(c.p);
  mirostat(candidates_, mirostat_limit_);
}

void Sampler::apply(SamplerStep step) {
  switch (step) {
    case SamplerStep::penalties:
      repeat_penalty(candidates_, count_, options_.repeat_penalty);
      presence_penalty(candidates_, count_, options_.presence_penalty);
      return frequency_penalty(candidates_, count_, options_.frequency_penalty);
    case SamplerStep::dry:
      if (!repetitions_) return;
      return dry(candidates_, repetitions_->lengths(), options_.dry_multiplier, options_.dry_base,
                 options_.dry_allowed_length);
    case SamplerStep::top_k:
      return top_k(candidates_, options_.top_k);
    case SamplerStep::typ_p:
      return typical(candidates_, options_.typical);
    case SamplerStep::top_p:
      return top_p(candidates_, options_.top_p);
    case SamplerStep::min_p:
      return min_p(candidates_, options_.min_p);
    case SamplerStep::temperature:
      return temperature(candidates_, options_.temp);
    case SamplerStep::mirostat:
      return limit_surprise();
  }
}

const Candidates& Sampler::reweighed(std::span<const float> logits) {
  admit(logits);
  for (const SamplerStep step : steps_) {
    if (step == SamplerStep::penalties || step == SamplerStep::dry) apply(step);
  }
  normalise(candidates_);
  return candidates_;
}

text::Token Sampler::draw(std::span<const float> logits, Random& random) {
  if (greedy_) {
    reweighed(logits);
    temperature(candidates_, 0);
    return candidates_.front().token;
  }
  admit(logits);
  for (const SamplerStep step : steps_) apply(step);
  normalise(candidates_);
  const text::Token token = candidates_[pick(candidates_, random.uniform())].token;
  if (!surprise_.empty()) {
    mirostat_limit_ = mirostat_limit(mirostat_limit_, surprise_[static_cast<size_t>(token)],
                                     mirostat_target_, options_.mirostat_lr);
  }
  return token;
}

}  // namespace inkling::generate
