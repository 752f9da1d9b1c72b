#pragma once

#include <filesystem>
#include <string>

namespace inkling::cli {

// The variable's value, "" where it is not set.
std::string environment(const char* name);

// The folders of the XDG base directory specification for this user's own files: $XDG_DATA_HOME or
// ~/.local/share, $XDG_STATE_HOME or ~/.local/state. Empty where there is no home.
std::filesystem::path data_home();
std::filesystem::path state_home();

// `path` with a leading ~/ as the home folder's.
std::string with_home(const std::string& path);

}  // namespace inkling::cli
