#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inkling::cli {

// The files and folders whose paths begin as `begun` does, sorted: folders end in '/', of files
// only those that end in `suffix`. Hidden ones only where their dot is typed. A leading ~/ is the
// home folder. At most 200.
std::vector<std::string> file_names(std::string_view begun, std::string_view suffix = "");

}  // namespace inkling::cli
