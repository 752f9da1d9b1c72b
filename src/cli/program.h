#pragma once

#include <string>
#include <vector>

#include "cli/console.h"

namespace inkling::cli {

// Does what the arguments after the program's name say. Throws UsageError, DataError.
void run_program(const std::vector<std::string>& arguments, Console& console);

// A sentence for the user about an error of the use that `arguments` made of the program: where to
// read more.
std::string usage_hint(const std::vector<std::string>& arguments);

}  // namespace inkling::cli
