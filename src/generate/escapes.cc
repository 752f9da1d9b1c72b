#include "generate/escapes.h"

namespace inkling::generate {

std::string take_escape(std::string_view& text) {
  if (text.size() < 2 || text[0] != '\\') return "";
  const char escaped = text[1];
  if (escaped != 'n' && escaped != 't' && escaped != '\\') return "";
  text.remove_prefix(2);
  return escaped == 'n' ? "\n" : escaped == 't' ? "\t" : "\\";
}

std::string resolve_escapes(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string resolved = take_escape(text);
    result += resolved.empty() ? std::string(1, text.front()) : resolved;
    if (resolved.empty()) text.remove_prefix(1);
  }
  return result;
}

}  // namespace inkling::generate
