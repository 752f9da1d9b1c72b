#pragma once

#include <string>

#include "cli/shell/shell.h"

namespace inkling::cli {

// A script with which Alt-I at that shell's prompt writes the next word. model: for -m; "" = the
// usual one.
std::string init_script(Shell shell, const std::string& model);

}  // namespace inkling::cli
