#include "cli/visible_text.h"

#include <fmt/format.h>

namespace inkling::cli {

std::string character_name(const std::string& character) {
  const bool lone_byte = character.size() == 1 && static_cast<unsigned char>(character[0]) >= 0x80;
  return lone_byte ? fmt::format("\\x{:02X}", static_cast<unsigned char>(character[0])) : character;
}

std::string visible_character(std::string_view character, bool utf8) {
  if (character.empty()) return "<unk>";
  if (character == " ") return utf8 ? "␣" : "' '";
  if (character == "\n" || character == "\t" || character == "\r") return tab_separated(character);
  const std::string name = character_name(std::string(character));
  return name == character ? visible(character) : name;
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
