#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "generate/ensemble_next_character.h"
#include "generate/model_next_character.h"
#include "model/language_model.h"

namespace inkling::cli {

// The models as one that writes and completes. They must outlive it.
inline generate::EnsembleNextCharacter together(const std::vector<model::LanguageModel>& models,
                                                nn::Precision precision, int threads) {
  std::vector<std::unique_ptr<generate::NextCharacter>> members;
  members.reserve(models.size());
  for (const model::LanguageModel& model : models)
    members.push_back(std::make_unique<generate::ModelNextCharacter>(model, precision, threads));
  return generate::EnsembleNextCharacter(std::move(members));
}

}  // namespace inkling::cli
