#pragma once

#include <string>
#include <vector>

#include "cli/option_parser.h"
#include "model/language_model.h"
#include "text/corpus.h"
#include "train/train_options.h"

namespace inkling::cli {

// Fills in what a new run was not given: the sizes of the model whose weights it begins with (may
// be nullptr), and what the recipe chooses. Returns that in sentences for the user. Afterwards the
// options are as if given by hand.
std::vector<std::string> choose_by_recipe(const OptionParser& given, const text::Corpus& corpus,
                                          const model::LanguageModel* init_from,
                                          train::TrainOptions& options);

}  // namespace inkling::cli
