#pragma once

#include <map>
#include <string>

namespace inkling::train {

// On what a run's bits depend beside its options and its text: instruction set and libraries, as a
// checkpoint's metadata.
std::map<std::string, std::string> machine_record();

// A sentence about what a checkpoint records otherwise; "" where nothing.
std::string machine_changes(const std::map<std::string, std::string>& metadata);

}  // namespace inkling::train
