#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inkling::text {

// Bytes that are no UTF-8: a whole ill-formed sequence as Unicode's "maximal subpart" practice
// counts them.
struct IllFormed {
  size_t offset = 0;
  size_t size = 0;
};

// The first ill-formed sequence at or after `from`.
std::optional<IllFormed> find_ill_formed(std::string_view bytes, size_t from = 0);
// `bytes` with each ill-formed sequence replaced by U+FFFD; adds their number to *replaced.
std::string replace_ill_formed(std::string_view bytes, int64_t* replaced = nullptr);
// How many bytes are left when a code point that only lacks its last bytes is taken from the end.
size_t without_begun_code_point(std::string_view bytes);

// The first byte at or after `from` that is not ASCII, or the size.
size_t find_non_ascii(std::string_view bytes, size_t from = 0);

inline bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }
inline bool continues_code_point(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80;
}
// The code point at `at`, which moves behind it; U+FFFD for an ill-formed sequence.
char32_t next_code_point(std::string_view text, size_t& at);
size_t count_code_points(std::string_view text);
void append_code_point(std::string& text, char32_t code_point);

}  // namespace inkling::text
