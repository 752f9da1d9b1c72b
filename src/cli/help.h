#pragma once

#include <string>

#include "cli/command.h"

namespace inkling::cli {

// What `inkling --help` prints, set for a terminal of that many columns.
std::string overview(int width);

// What `inkling COMMAND --help` prints: usage, examples, every option with its range and default.
std::string command_help(const CommandEntry& entry, const OptionParser& parser, int width);

// "inkling 0.1.0" and what it was built with.
std::string version_text();

}  // namespace inkling::cli
