#pragma once

#include <map>
#include <string>

#include "train/train_options.h"

namespace inkling::train {

// Every option by name, as text: what a model remembers of its making.
std::map<std::string, std::string> recorded_options(const TrainOptions& options);

// The options that differ from the defaults as a command line, without paths: "inkling train --cell
// gru --steps 500".
std::string command_line(const TrainOptions& options);

// The first option that differs from a recorded run's and may not; "" = none. Length and threads
// may differ.
std::string changed_option(const std::map<std::string, std::string>& recorded,
                           const TrainOptions& options);

}  // namespace inkling::train
