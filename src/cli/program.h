#pragma once

#include <string>
#include <vector>

#include "cli/console.h"

namespace inkling::cli {

// Does what the arguments after the program's name say. Throws UsageError, DataError.
void run_program(const std::vector<std::string>& arguments, Console& console);

// The same, with every failure said in a sentence; returns the exit code.
int exit_code_of(const std::vector<std::string>& arguments) noexcept;

// For std::set_terminate: a failure that cannot be handled any more, such as of memory in the midst
// of cleaning up, is said too, and ends the process with exit code 1.
[[noreturn]] void end_with_last_words();

}  // namespace inkling::cli
