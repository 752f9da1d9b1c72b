#pragma once

#include <string>

#include "cli/option_parser.h"
#include "cli/talk.h"
#include "model/model_file.h"
#include "train/train_options.h"
#include "train/trainer.h"

namespace inkling::cli {

// The last checkpoint of a run; where it is missing or damaged the one before, and says so. Throws
// DataError.
model::ModelFile load_checkpoint(const train::RunFiles& files, Talk& talk);

// Takes every option that the command line does not give from the record of the run that goes on.
// Throws UsageError naming a given option that differs, unless it is of those that may: the length
// (a given one replaces the recorded one) and threads.
void take_recorded_options(const model::ModelHistory& history, const OptionParser& given,
                           train::TrainOptions& options);

}  // namespace inkling::cli
