#pragma once

#include <string>
#include <string_view>

#include "cli/option_parser.h"
#include "model/model_file.h"
#include "train/train_options.h"

namespace inkling::cli {

// Throws UsageError where a length is given that is none: --steps 0, --epochs 0, --time ''.
void refuse_no_length(const OptionParser& given, train::TrainOptions& options);

// Takes every option that the command line does not give from the record of the run that goes on,
// or is repeated. Throws UsageError naming a given option that differs, unless it is threads, or,
// where a run goes on, its length: a given one replaces the recorded one. `purpose` is the option
// that asks for it, "--resume" or "--replay". Throws DataError naming `path`, the checkpoint, where
// its record is none that a run can have.
void take_recorded_options(const model::ModelHistory& history, const std::string& path,
                           const OptionParser& given, std::string_view purpose,
                           train::TrainOptions& options);

}  // namespace inkling::cli
