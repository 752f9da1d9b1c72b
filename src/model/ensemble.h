#pragma once

#include <span>
#include <string>

#include "model/evaluate.h"
#include "model/language_model.h"

namespace inkling::model {

// Several models that work as one, by the mean of their probabilities: they must know the same
// characters, in the same unit and normalisation, so that their tokens are the same. Throws
// DataError, by the names given, with what differs.
void require_same_characters(std::span<const LanguageModel> models,
                             std::span<const std::string> names);

// evaluate() by the mean of the models' probabilities at each position.
nn::LossSum evaluate_ensemble(std::span<const LanguageModel> models, const text::CorpusPart& part,
                              const EvaluateOptions& options = {}, const ScoreFn& score = nullptr,
                              ProbabilityCheck* check = nullptr);

}  // namespace inkling::model
