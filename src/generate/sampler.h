#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/random.h"
#include "generate/logit_filters.h"
#include "generate/sampling_options.h"
#include "text/vocabulary.h"

namespace inkling::generate {

// The index at which the running sum of p passes coin, in [0, 1); never one of p = 0.
size_t pick(std::span<const Candidate> candidates, double coin);

// Draws characters, one text at a time. llama.cpp's order:
//   repeat_penalty, top_k, typical, top_p, min_p, temperature, pick.
// Temperature comes last: the filters choose among the model's own probabilities and a higher
// temperature does not let more of them in. (Tools that apply it first get other sets from the same
// top_p.) <unk> is never drawn; the end token is where the vocabulary has one. Allocates nothing
// while drawing, unless repeat_last_n is -1.
class Sampler {
 public:
  // Throws UsageError, as SamplingOptions::validate().
  Sampler(const SamplingOptions& options, const text::Vocabulary& vocabulary);

  // Forgets which characters were used: a new text begins.
  void reset();
  // The text went on with this token, of the prompt or drawn: for the repetition penalty.
  void accept(text::Token token);
  // The next token from the logits [V] over the whole vocabulary. One number is taken from
  // `random`; none when greedy. Throws DataError when no logit is a number.
  text::Token draw(std::span<const float> logits, Random& random);

  // What the last draw chose among, most probable first.
  std::span<const Candidate> candidates() const { return candidates_; }

 private:
  SamplingOptions options_;
  text::Token drawable_;  // tokens below it may be drawn
  Candidates candidates_;
  std::vector<text::Token> recent_;  // a ring of repeat_last_n tokens, or the whole text
  size_t recent_next_ = 0;
  std::vector<int32_t> count_;  // [V] how often each token stands in recent_
};

}  // namespace inkling::generate
