#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/safetensors.h"

namespace inkling::model {

// The checksum that lies inside what it covers: XXH3-64 of the whole file, its own 16 hexadecimal
// digits (the metadata's "checksum") taken as zeros.
constexpr std::string_view unsealed = "0000000000000000";
// Puts the checksum of a file whose digits are zeros into its header; one without a place for them
// stays as it is.
void seal(std::span<std::byte> header, uint64_t checksum);
// False where the digits are not those of the file, or are missing.
bool seal_holds(Safetensors& file);

}  // namespace inkling::model
