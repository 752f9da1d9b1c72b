#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "generate/next_character.h"
#include "generate/outlet.h"
#include "generate/sampler.h"
#include "generate/written.h"

namespace inkling::generate {

// A text that a beam search has found.
struct BeamText {
  std::string text;
  double log_probability = 0;  // nats; of all that was drawn, to the character that showed its end
  Written written;
};

// Looks for the most probable texts behind the one that slot 0 of the model has read and `sampler`
// has accepted: at every character the `width` most probable ones so far are kept. Probabilities
// are those of Sampler::reweighed(): sets, bias and penalties count, filters and temperature do
// not. limit: characters drawn at most. The most probable first, at most `width`, which differ by
// more than the line feeds at their ends; they need not be the most probable of all. should_stop,
// where there is one, is asked after each character: once it says yes, those that have ended are
// all, or the most probable one so far, with Ending::asked. Uses the model's slots other than 0.
std::vector<BeamText> beam_search(NextCharacter& model, std::span<const float> logits,
                                  const Sampler& sampler, const Outlet& outlet, int64_t limit,
                                  int64_t width, const std::function<bool()>& should_stop = {});

}  // namespace inkling::generate
