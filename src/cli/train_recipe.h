#pragma once

#include <string>
#include <vector>

#include "cli/option_parser.h"
#include "model/language_model.h"
#include "text/corpus.h"
#include "train/train_options.h"

namespace inkling::cli {

// Takes over what the model whose weights a new run begins with is, where nothing is given: its
// network, and how it reads text.
void take_from_model(const model::LanguageModel& from, const OptionParser& given,
                     train::TrainOptions& options);

// Fills in what a new run was not given: the optimizer's usual learning rate, and where the run is
// measured in time what the recipe says. init_from: the model whose weights it begins with, or
// nullptr; its sizes are kept. Returns what the recipe said in sentences for the user. Afterwards
// the options are as if given by hand.
std::vector<std::string> choose_by_recipe(const OptionParser& given, const text::Corpus& corpus,
                                          const model::LanguageModel* init_from,
                                          train::TrainOptions& options);

}  // namespace inkling::cli
