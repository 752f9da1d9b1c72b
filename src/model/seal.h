#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace inkling::model {

// The checksum that lies inside what it covers: XXH3-64 of the whole file, its own 16 hexadecimal
// digits (the metadata's "checksum") taken as zeros.
constexpr std::string_view unsealed = "0000000000000000";
// The digits of a checksum.
std::string seal_of(uint64_t checksum);
// Puts the checksum of a file whose digits are zeros into its header; one without a place for them
// stays as it is.
void seal(std::span<char> header, uint64_t checksum);
// A header's digits, which become zeros; empty where it has none.
std::string take_seal(std::span<char> header);

}  // namespace inkling::model
