#include "cli/visible_text.h"

namespace inkling::cli {

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
