#include "cli/visible_text.h"

#include <fmt/format.h>

#include "text/utf8.h"

namespace inkling::cli {
namespace {

bool steers_terminal(char32_t c) {
  if (c < 0x20) return c != '\n' && c != '\t';
  if (c >= 0x7f && c < 0xa0) return true;
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
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
    const char32_t c = text::next_code_point(text, at);
    if (steers_terminal(c)) {
      shown += spelt_out(c);
    } else {
      text::append_code_point(shown, c);
    }
  }
  return shown;
}

std::string visible_character(std::string_view character, bool utf8) {
  if (character.empty()) return "<unk>";
  if (character == " ") return utf8 ? "␣" : "' '";
  if (character == "\n" || character == "\t" || character == "\r") return tab_separated(character);
  return visible(character);
}

std::string tab_separated(std::string_view text) {
  std::string field;
  for (const char c : text) {
    switch (c) {
      case '\\':
        field += "\\\\";
        break;
      case '\n':
        field += "\\n";
        break;
      case '\r':
        field += "\\r";
        break;
      case '\t':
        field += "\\t";
        break;
      default:
        field += c;
    }
  }
  return field;
}

}  // namespace inkling::cli
