#pragma once

#include <filesystem>
#include <string>

namespace inkling::cli {

// Writes a text that was left without being saved into `folder`, as last-text.txt; those that are
// there become last-text.1.txt and so on, and only the oldest of ten goes. Returns its path. Throws
// DataError where it cannot be written, or there is no folder.
std::string keep_text(const std::filesystem::path& folder, const std::string& text);

}  // namespace inkling::cli
