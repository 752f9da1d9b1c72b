#include "text/visible.h"

#include <fmt/format.h>

#include "text/utf8.h"

namespace inkling::text {
namespace {

bool steers_terminal(char32_t c) {
  if (c < 0x20) return c != '\n' && c != '\t';
  if (c >= 0x7f && c < 0xa0) return true;
  // Separators; embeddings and overrides; isolates and the deprecated shaping controls.
  return (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x206f);
}

std::string spelt_out(char32_t c) {
  const auto number = static_cast<uint32_t>(c);
  return number < 0x80 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number);
}

}  // namespace

std::string visible(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (steers_terminal(c)) {
      shown += spelt_out(c);
    } else {
      append_code_point(shown, c);
    }
  }
  return shown;
}

}  // namespace inkling::text
