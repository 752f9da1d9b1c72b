#include "text/utf8.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstring>

namespace inkling::text {

// ICU's macros sign-extend a plain char where its sign does not matter to them but to the
// compiler's warnings.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"

std::optional<IllFormed> find_ill_formed(std::string_view bytes, size_t from) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  for (size_t at = find_non_ascii(bytes, from); at < bytes.size();) {
    const size_t begin = at;
    UChar32 c = 0;
    U8_NEXT(data, at, bytes.size(), c);
    if (c < 0) return IllFormed{begin, at - begin};
    if (at < bytes.size() && is_ascii(bytes[at])) at = find_non_ascii(bytes, at);
  }
  return std::nullopt;
}

char32_t next_code_point(std::string_view text, size_t& at) {
  const auto* data = reinterpret_cast<const uint8_t*>(text.data());
  UChar32 c = 0;
  U8_NEXT_OR_FFFD(data, at, text.size(), c);
  return static_cast<char32_t>(c);
}

size_t without_begun_code_point(std::string_view bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  auto size = static_cast<ptrdiff_t>(bytes.size());  // signed: it is compared with less than 0
  U8_TRUNCATE_IF_INCOMPLETE(data, 0, size);
  return static_cast<size_t>(size);
}

void append_code_point(std::string& text, char32_t code_point) {
  uint8_t bytes[U8_MAX_LENGTH];
  size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, code_point);
  text.append(reinterpret_cast<const char*>(bytes), size);
}

#pragma GCC diagnostic pop

std::string replace_ill_formed(std::string_view bytes, int64_t* replaced) {
  std::string text;
  text.reserve(bytes.size());
  size_t from = 0;
  while (const auto bad = find_ill_formed(bytes, from)) {
    text.append(bytes.substr(from, bad->offset - from)).append("\uFFFD");
    from = bad->offset + bad->size;
    if (replaced) ++*replaced;
  }
  return text.append(bytes.substr(from));
}

size_t find_non_ascii(std::string_view bytes, size_t from) {
  size_t at = from;
  constexpr uint64_t high_bits = 0x8080808080808080U;
  for (; at + 32 <= bytes.size(); at += 32) {
    uint64_t words[4];
    std::memcpy(words, bytes.data() + at, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & high_bits) != 0) break;
  }
  while (at < bytes.size() && is_ascii(bytes[at])) ++at;
  return at;
}

size_t count_code_points(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char byte) { return !continues_code_point(byte); }));
}

}  // namespace inkling::text
