#pragma once

#include <span>
#include <vector>

#include "generate/next_character.h"

namespace inkling::generate {

// One way in which a text may go on.
struct Continuation {
  std::vector<text::Token> tokens;
  double log_probability = 0;  // of the tokens, nats
};

// Sets the probabilities of continuations of a text that the model has read: many are read side by
// side. <unk> costs nothing: it cannot tell one continuation from another.
void score(NextCharacter& model, const ReadPoint& text, std::span<Continuation> continuations);

}  // namespace inkling::generate
