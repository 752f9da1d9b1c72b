#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inkling::testing {

inline std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

inline uint32_t crc32(std::string_view bytes) {
  uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
  }
  return ~crc;
}

// A zip archive of one file, stored as it is (PKWARE's APPNOTE, 4.3).
inline std::string zip_of(const std::string& name, const std::string& bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  const auto name_size = static_cast<uint32_t>(name.size());
  // Version, flags, method, time and date, checksum, sizes, sizes of the name and of the extra.
  const std::string entry = little_endian(10, 2) + little_endian(0, 8) +
                            little_endian(crc32(bytes), 4) + little_endian(size, 4) +
                            little_endian(size, 4) + little_endian(name_size, 4);
  const std::string local = "PK\3\4" + entry + name + bytes;
  const std::string directory =
      "PK\1\2" + little_endian(10, 2) + entry + std::string(14, '\0') + name;
  return local + directory + "PK\5\6" + little_endian(0, 4) + little_endian(0x10001, 4) +
         little_endian(static_cast<uint32_t>(directory.size()), 4) +
         little_endian(static_cast<uint32_t>(local.size()), 4) + little_endian(0, 2);
}

}  // namespace inkling::testing
