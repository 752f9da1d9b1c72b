#include "text/caret.h"

#include <unicode/uscript.h>

#include <algorithm>

#include "text/utf8.h"
#include "text/words.h"

namespace inkling::text {
namespace {

constexpr size_t most_context = 1024;  // bytes looked at on each side

WordBreaker& breaker() {
  thread_local WordBreaker breaker;
  return breaker;
}

bool is_blank(char byte) { return byte == ' ' || byte == '\n' || byte == '\t'; }

// Whether a boundary of every kind is certain before text[at]: what is before does not matter then.
bool certain(std::string_view text, size_t at) {
  if (at == 0 || text[at - 1] == '\n') return true;
  return is_blank(text[at - 1]) && is_ascii(text[at]) && !is_blank(text[at]);
}

// The stretch around `at` that decides where its neighbouring boundaries are.
struct Window {
  Window(std::string_view text, size_t at) {
    // Strictly before `at`, so that there is something to step back over.
    begin = at == 0 ? 0 : at - 1;
    const size_t least = at - std::min(at, most_context);
    while (begin > least && !certain(text, begin)) --begin;
    while (begin > 0 && begin < at && continues_code_point(text[begin])) ++begin;
    size_t end = std::min(text.size(), at + most_context);
    while (end < text.size() && continues_code_point(text[end])) ++end;
    part = text.substr(begin, end - begin);
  }
  size_t begin_of(const Segment& segment) const {
    return begin + static_cast<size_t>(segment.begin);
  }
  size_t end_of(const Segment& segment) const { return begin + static_cast<size_t>(segment.end); }

  size_t begin = 0;
  std::string_view part;
};

bool two_ascii(std::string_view text, size_t at) {
  return at + 1 < text.size() && is_ascii(text[at]) && is_ascii(text[at + 1]) && text[at] != '\r';
}

}  // namespace

size_t next_cluster(std::string_view text, size_t at) {
  if (at >= text.size()) return text.size();
  if (two_ascii(text, at)) return at + 1;
  const Window window(text, at);
  size_t end = at;
  for (const Segment& segment : breaker().clusters(window.part)) {
    end = window.end_of(segment);
    if (end > at) break;
  }
  return end;
}

size_t previous_cluster(std::string_view text, size_t at) {
  if (at == 0) return 0;
  if (at >= 2 && two_ascii(text, at - 2)) return at - 1;
  const Window window(text, at);
  size_t begin = window.begin;
  for (const Segment& segment : breaker().clusters(window.part)) {
    if (window.begin_of(segment) >= at) break;
    begin = window.begin_of(segment);
  }
  return begin;
}

size_t cluster_boundary(std::string_view text, size_t at) {
  if (at == 0 || at >= text.size()) return std::min(at, text.size());
  const size_t begin = previous_cluster(text, at);
  return next_cluster(text, begin) == at ? at : begin;
}

size_t next_word_end(std::string_view text, size_t at) {
  while (at < text.size()) {
    const Window window(text, at);
    for (const Segment& segment : breaker().words(window.part)) {
      if (segment.is_word && window.end_of(segment) > at) return window.end_of(segment);
    }
    at = window.begin + window.part.size();
  }
  return text.size();
}

size_t previous_word_begin(std::string_view text, size_t at) {
  while (at > 0) {
    const Window window(text, at);
    size_t found = at;
    for (const Segment& segment : breaker().words(window.part)) {
      if (window.begin_of(segment) >= at) break;
      if (segment.is_word) found = window.begin_of(segment);
    }
    if (found < at) return found;
    at = window.begin;
  }
  return 0;
}

size_t backspace_begin(std::string_view text, size_t at) {
  const size_t begin = previous_cluster(text, at);
  size_t last = at;
  while (last > begin && continues_code_point(text[--last])) {
  }
  if (last == begin) return begin;
  size_t end = last;
  const auto sign = static_cast<UChar32>(next_code_point(text, end));
  UErrorCode code = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(sign, &code);
  const bool of_its_script =
      U_SUCCESS(code) && script != USCRIPT_COMMON && script != USCRIPT_INHERITED;
  return of_its_script ? last : begin;
}

size_t clusters_end(std::string_view text, size_t at, size_t most) {
  const size_t boundary = cluster_boundary(text, std::min(at + most, text.size()));
  return boundary > at ? boundary : next_cluster(text, at);
}

}  // namespace inkling::text
