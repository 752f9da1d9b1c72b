#include "text/character_index.h"

namespace inkling::text {
namespace {

// The code point that 2 or 3 bytes are, 0 if they are something else (as "e" with an accent after
// it).
uint32_t small_code_point(std::string_view character) {
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(character[i]));
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0U) == 0x80; };
  if (character.size() == 2 && (byte(0) & 0xe0U) == 0xc0 && follows(1)) {
    return (byte(0) & 0x1fU) << 6 | (byte(1) & 0x3fU);
  }
  if (character.size() == 3 && (byte(0) & 0xf0U) == 0xe0 && follows(1) && follows(2)) {
    return (byte(0) & 0x0fU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU);
  }
  return 0;
}

}  // namespace

int32_t CharacterIndex::find_longer(std::string_view character) const {
  if (const uint32_t c = small_code_point(character))
    return code_points_.empty() ? -1 : code_points_[c];
  const auto found = longer_.find(character);
  return found == longer_.end() ? -1 : found->second;
}

bool CharacterIndex::insert(std::string_view character, int32_t number) {
  if (character.empty() || find(character) >= 0) return false;
  if (character.size() == 1) {
    bytes_[static_cast<unsigned char>(character[0])] = number;
  } else if (const uint32_t c = small_code_point(character)) {
    if (code_points_.empty()) code_points_.assign(0x10000, -1);
    code_points_[c] = number;
  } else {
    longer_.emplace(character, number);
  }
  return true;
}

}  // namespace inkling::text
