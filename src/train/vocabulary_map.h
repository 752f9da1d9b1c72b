#pragma once

#include <string>
#include <vector>

#include "model/language_model.h"

namespace inkling::train {

// All characters that a model knows, for CorpusOptions::known_characters.
std::vector<std::string> characters_of(const model::LanguageModel& model);

// Copies the weights of `from` into `to`, whose network must be the same but for the vocabulary:
// rows and columns that belong to a token follow its character; those of new characters are what
// `from` read them as so far, or keep what `to` has. Returns a sentence for the user. Throws
// UsageError when the networks differ.
std::string take_weights(const model::LanguageModel& from, model::LanguageModel& to);

}  // namespace inkling::train
