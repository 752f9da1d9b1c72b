#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/text_options.h"
#include "text/utf8.h"

namespace inkling::text {

// The end of the grapheme clusters' stretch that begins at `at`, where a cluster begins: one
// cluster (usual) or, where ICU has to look, several, whose ends are then in `ends` (else empty).
size_t next_clusters(std::string_view text, size_t at, std::vector<size_t>& ends);

// Calls visit(character) for each character of `text` in order; together they are the text.
// Well-formed UTF-8, except for Unit::byte. Grapheme clusters are ICU's (root locale), cut after
// limits::character_code_points. Thread-safe.
template <class Visit>
void for_each_character(std::string_view text, Unit unit, Visit&& visit) {
  const size_t size = text.size();
  if (unit == Unit::byte) {
    for (size_t at = 0; at < size; ++at) visit(text.substr(at, 1));
    return;
  }
  std::vector<size_t> ends;
  for (size_t at = 0; at < size;) {
    // Two ASCII characters never join, but for CR LF.
    while (at + 1 < size && is_ascii(text[at]) && is_ascii(text[at + 1]) && text[at] != '\r') {
      visit(std::string_view(text.data() + at, 1));
      ++at;
    }
    const size_t begin = at;
    if (unit == Unit::codepoint) {
      next_code_point(text, at);
      visit(text.substr(begin, at - begin));
      continue;
    }
    at = next_clusters(text, begin, ends);
    size_t from = begin;
    for (const size_t end : ends) {
      visit(text.substr(from, end - from));
      from = end;
    }
    if (from < at) visit(text.substr(from, at - from));
  }
}

}  // namespace inkling::text
