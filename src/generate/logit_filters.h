#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "text/vocabulary.h"

namespace inkling::generate {

// A character that may come next.
struct Candidate {
  text::Token token = 0;
  float logit = 0;
  double p =
      0;  // its share among the candidates; set by normalise() and every filter that needs it
};
using Candidates = std::vector<Candidate>;

// Each filter narrows or reweighs a candidate list and leaves at least one (but for keep_allowed).
// Those that only reweigh leave its order alone; after those that narrow it, it is in descending
// order of logits, equal logits by token, so that results can be repeated. A finite logit stays
// finite, however extreme a bias or a penalty, but for a bias of -infinity and a temperature near
// 0. None allocates: lists only shrink.

// p = softmax(logit) over the list.
void normalise(Candidates& candidates);

// The logit of each token t, plus bias[t].
void logit_bias(Candidates& candidates, std::span<const float> bias);

// Those with allowed[token] != 0, in their order; perhaps none.
void keep_allowed(Candidates& candidates, std::span<const uint8_t> allowed);

// Characters used lately, count[token] > 0: a positive logit is divided by the penalty, a negative
// one multiplied. Keskar et al. 2019, "CTRL". Neutral: 1.
void repeat_penalty(Candidates& candidates, std::span<const int32_t> count, double penalty);

// Characters used lately: the penalty is taken from their logits. Neutral: 0.
void presence_penalty(Candidates& candidates, std::span<const int32_t> count, double penalty);

// The same, count[token] times. Neutral: 0.
void frequency_penalty(Candidates& candidates, std::span<const int32_t> count, double penalty);

// DRY ("don't repeat yourself", P. E. Weidmann 2024): a character that would go on with a
// repetition of length[token] characters loses multiplier * base^(length - allowed), once the
// repetition is `allowed` long. Neutral: multiplier 0.
void dry(Candidates& candidates, std::span<const int32_t> length, double multiplier, double base,
         int64_t allowed);

// The k of greatest logit. Neutral: 0.
void top_k(Candidates& candidates, int64_t k);

// The fewest whose p comes to `share`, those first whose surprise -log p is nearest to the list's
// entropy. Meister et al. 2022, "Locally typical sampling". Neutral: 1.
void typical(Candidates& candidates, double share);

// The fewest most probable whose p comes to `share`. Holtzman et al. 2019. Neutral: 1.
void top_p(Candidates& candidates, double share);

// Those with p >= share * the greatest p. Neutral: 0.
void min_p(Candidates& candidates, double share);

// Those whose surprise -log2 p is at most `limit` bits, and the most probable in any case. With
// mirostat_limit(): Basu et al. 2021, "Mirostat", version 2. Neutral: infinity.
void mirostat(Candidates& candidates, double limit);

// The limit for the next character, after one whose surprise, before mirostat() cut the list, was
// `surprise`. At most 30 bits, so that it finds back from where no limit has an effect.
double mirostat_limit(double limit, double surprise, double target, double rate);

// Logits become their distance from the greatest, divided by t > 0. Neutral: 1. For t = 0 the most
// probable alone is left (greedy).
void temperature(Candidates& candidates, double t);

}  // namespace inkling::generate
