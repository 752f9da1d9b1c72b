#pragma once

#include <string>
#include <string_view>

#include "text/text_options.h"

namespace inkling::text {

// `text` with its line ends folded and normalised as the options say (Unit::byte: line ends only).
// Where nothing changes, the result is `text` itself; else a view of `storage`. Well-formed UTF-8
// in, well-formed UTF-8 out. Of more than limits::marks_in_order combining marks in a row, so many
// at a time are brought into their order. Thread-safe.
std::string_view normalize(std::string_view text, const TextOptions& options, std::string& storage);

// Normalisation alone.
std::string normalize(std::string_view text, Normalization form);

// The canonical decomposition (NFD): "é" as "e" and a combining accent.
std::string decompose(std::string_view text);

}  // namespace inkling::text
