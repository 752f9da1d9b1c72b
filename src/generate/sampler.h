#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "generate/allowed_tokens.h"
#include "generate/logit_filters.h"
#include "generate/repetitions.h"
#include "generate/sampling_options.h"
#include "text/tokenizer.h"

namespace inkling::generate {

// The index at which the running sum of p passes coin, in [0, 1); never one of p = 0.
size_t pick(std::span<const Candidate> candidates, double coin);

// Draws characters, one text at a time. First logit_bias and what is forbidden; then the steps of
// `samplers`, by default llama.cpp's and in its order:
//   penalties (repeat, presence, frequency), dry, top_k, typ_p, top_p, min_p, temperature, pick.
// Temperature comes last: the filters choose among the model's own probabilities and a higher
// temperature does not let more of them in. (Tools that apply it first get other sets from the same
// top_p.) Greedy drawing leaves out the filters. <unk> is never drawn; the end token is where the
// vocabulary has one. Allocates nothing while drawing, unless repeat_last_n is -1 or DRY is on.
class Sampler {
 public:
  // validation_bits: the model's, mirostat's target where none is given; NaN = not known. The
  // tokenizer must outlive it. Throws UsageError, as SamplingOptions::validate(), and where the
  // options do not fit the vocabulary or mirostat has no target.
  Sampler(const SamplingOptions& options, const text::Tokenizer& tokenizer,
          double validation_bits = std::numeric_limits<double>::quiet_NaN());

  // Forgets which characters were used: a new text begins.
  void reset();
  // The text went on with this token, of the prompt or drawn: for what looks back.
  void accept(text::Token token);
  // With all these. Of many DRY looks at the last ones alone.
  void accept(std::span<const text::Token> tokens);
  // The next token from the logits [V] over the whole vocabulary. One number is taken from
  // `random`; none when greedy. Throws DataError when no logit is a number, or none is left.
  text::Token draw(std::span<const float> logits, Random& random);

  // All that may come next, with the bias and the penalties but before filters and temperature, and
  // with its probabilities: what a search for the most probable text goes by. Throws as draw().
  const Candidates& reweighed(std::span<const float> logits);

  // What the last draw chose among; most probable first if a filter or greedy drawing sorted them
  // and no penalty came after.
  std::span<const Candidate> candidates() const { return candidates_; }

 private:
  void remember(text::Token token);
  void admit(std::span<const float> logits);
  void apply(SamplerStep step);
  void limit_surprise();

  SamplingOptions options_;
  std::vector<SamplerStep> steps_;
  bool greedy_;
  bool bytes_;
  const text::Vocabulary& vocabulary_;
  text::Token drawable_;  // tokens below it may be drawn
  AllowedTokens allowed_;
  std::vector<float> bias_;  // [V] or empty
  Candidates candidates_;
  std::vector<text::Token> recent_;  // a ring of repeat_last_n tokens, or the whole text
  size_t recent_next_ = 0;
  std::vector<int32_t> count_;  // [V] how often each token stands in recent_
  std::optional<Repetitions> repetitions_;
  std::string begun_;             // the first bytes of a code point, for Unit::byte
  double mirostat_target_ = 0;    // bits
  double mirostat_limit_ = 0;     // bits, of the next character
  std::vector<double> surprise_;  // [V] bits, before mirostat's cut
};

}  // namespace inkling::generate
