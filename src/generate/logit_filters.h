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

// Each filter narrows or reweighs a candidate list and leaves at least one. After all but
// repeat_penalty and temperature the list is in descending order of logits, equal logits by token,
// so that results can be repeated. None allocates: lists only shrink.

// p = softmax(logit) over the list.
void normalise(Candidates& candidates);

// Characters used lately, count[token] > 0: a positive logit is divided by the penalty, a negative
// one multiplied. Keskar et al. 2019, "CTRL". Neutral: 1.
void repeat_penalty(Candidates& candidates, std::span<const int32_t> count, double penalty);

// The k of greatest logit. Neutral: 0.
void top_k(Candidates& candidates, int64_t k);

// The fewest whose p comes to `share`, those first whose surprise -log p is nearest to the list's
// entropy. Meister et al. 2022, "Locally typical sampling". Neutral: 1.
void typical(Candidates& candidates, double share);

// The fewest most probable whose p comes to `share`. Holtzman et al. 2019. Neutral: 1.
void top_p(Candidates& candidates, double share);

// Those with p >= share * the greatest p. Neutral: 0.
void min_p(Candidates& candidates, double share);

// Logits become their distance from the greatest, divided by t > 0. Neutral: 1. For t = 0 the most
// probable alone is left (greedy).
void temperature(Candidates& candidates, double t);

}  // namespace inkling::generate
