#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace inkling::cli {

// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other (the
// "optimal string alignment" variant of Damerau 1964).
size_t edit_distance(std::string_view a, std::string_view b);

// "; did you mean 'train'?" for the known name nearest to what was typed, "" when none is near.
// prefix: stands before every name.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string_view prefix = "");

}  // namespace inkling::cli
