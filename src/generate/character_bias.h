#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace inkling::generate {

// What --logit-bias says: "e-1.5", "é+2", "\n-inf".
struct CharacterBias {
  std::string character;  // one; UTF-8
  float bias = 0;         // -infinity forbids it

  // One character (a grapheme cluster, or \n, \t or \\), a sign, and a number. Throws UsageError.
  static CharacterBias parse(std::string_view text);
};

// [V] what is added to each token's logit, at most the largest float; empty where nothing is.
// Throws UsageError: a bias that is none, a character that the vocabulary lacks.
std::vector<float> token_bias(std::span<const std::string> biases,
                              const text::Tokenizer& tokenizer);

}  // namespace inkling::generate
