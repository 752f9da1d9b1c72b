#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace inkling::text {

// Characters to small numbers. Single bytes and the code points below U+10000 are looked up in
// tables, without a hash.
class CharacterIndex {
 public:
  CharacterIndex() { bytes_.fill(-1); }

  // The number of a character, -1 where there is none.
  int32_t find(std::string_view character) const {
    if (character.size() == 1) return bytes_[static_cast<unsigned char>(character[0])];
    return find_longer(character);
  }
  // False, and nothing changes, if the character is there already or empty. number >= 0.
  bool insert(std::string_view character, int32_t number);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  int32_t find_longer(std::string_view character) const;

  std::array<int32_t, 256> bytes_{};
  std::vector<int32_t> code_points_;  // [0x10000] once one is needed, else empty
  std::unordered_map<std::string, int32_t, Hash, std::equal_to<>> longer_;
};

}  // namespace inkling::text
