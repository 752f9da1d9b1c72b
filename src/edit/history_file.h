#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inkling::edit {

// Entries on disk, one a line, oldest first; a backslash stands before n (a line feed in the entry)
// and before itself. Several processes may use one file at once.

// The newest `most` entries; none where there is no file. A file that has grown to more than twice
// as many, or to megabytes, is cut to them. Throws DataError when it cannot be read.
std::vector<std::string> load_history(const std::string& path, size_t most);

// Adds an entry, durably, behind what other processes have added; makes the file (readable by its
// owner alone) and its folders. Throws DataError when it cannot be written.
void append_to_history(const std::string& path, std::string_view entry);

}  // namespace inkling::edit
