#pragma once

#include <string>

#include "model/language_model.h"

namespace inkling::train {

// Copies the weights of `from` into `to`, whose network must be the same but for the vocabulary:
// rows and columns that belong to a token follow its character; those of new characters keep what
// `to` has. Returns a sentence for the user. Throws UsageError when the networks differ.
std::string take_weights(const model::LanguageModel& from, model::LanguageModel& to);

}  // namespace inkling::train
