#pragma once

#include <span>

#include "text/vocabulary.h"

namespace inkling::generate {

// The probabilities that logits mean for every token but the last, <unk>, which is never written:
// shares[i] of token i, their sum 1 (or all 0 where all are impossible). shares.size() is the
// number of tokens. Throws DataError where a logit is no number.
void set_shares(std::span<const float> logits, std::span<double> shares);

// ln of one token's.
double log_share(std::span<const float> logits, text::Token token, text::Token unknown);

}  // namespace inkling::generate
