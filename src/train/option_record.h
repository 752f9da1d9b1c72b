#pragma once

#include <map>
#include <string>
#include <string_view>

#include "train/train_options.h"

namespace inkling::train {

// Every option by name, as text: what a model remembers of its making.
std::map<std::string, std::string> recorded_options(const TrainOptions& options);

// The options that differ from the defaults as a command line, without paths: "inkling train --cell
// gru --steps 500".
std::string command_line(const TrainOptions& options);

// Whether an option of that name says how long a run is.
bool is_length(std::string_view name);

// The first option that differs from a recorded run's and may not; "" = none. Threads may differ,
// and the length if so asked.
std::string changed_option(const std::map<std::string, std::string>& recorded,
                           const TrainOptions& options, bool length_may_change);

}  // namespace inkling::train
