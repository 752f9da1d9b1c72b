#pragma once

#include <string>

#include "text/corpus.h"
#include "train/train_options.h"
#include "train/trainer.h"

namespace inkling::cli {

// What a run will learn from and what it will train, in lines of at most `width` columns.
std::string train_summary(const text::Corpus& corpus, const train::TrainOptions& options,
                          const std::vector<std::string>& chosen, const train::TrainPlan& plan,
                          int width);

}  // namespace inkling::cli
