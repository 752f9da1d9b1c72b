#include "text/normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "text/icu.h"
#include "text/utf8.h"

namespace inkling::text {
namespace {

void check(UErrorCode code) { check_icu(code, "normalise text"); }

const icu::Normalizer2& normalizer_of(Normalization form) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = form == Normalization::nfkc
                                           ? icu::Normalizer2::getNFKCInstance(code)
                                           : icu::Normalizer2::getNFCInstance(code);
  check(code);
  return *normalizer;
}

bool is_mark(std::string_view text, size_t at) {
  const auto c = static_cast<UChar32>(next_code_point(text, at));
  return u_getIntPropertyValue(c, UCHAR_LEAD_CANONICAL_COMBINING_CLASS) != 0;
}

size_t begin_of_code_point(std::string_view text, size_t at) {
  while (at > 0 && continues_code_point(text[at])) --at;
  return at;
}

// Where the first limits::marks_in_order marks in a row end, or the size. ICU sorts marks by
// insertion, so that a long row of them would take the square of its length.
size_t end_of_endless_marks(std::string_view text) {
  // A mark has two bytes at least: one place in each such stretch finds every row that is too long.
  constexpr auto stretch = static_cast<size_t>(2 * limits::marks_in_order);
  for (size_t at = stretch - 1; at < text.size(); at += stretch) {
    if (is_ascii(text[at])) continue;
    size_t begin = begin_of_code_point(text, at);
    if (!is_mark(text, begin)) continue;
    while (begin > 0) {
      const size_t before = begin_of_code_point(text, begin - 1);
      if (!is_mark(text, before)) break;
      begin = before;
    }
    size_t end = begin;
    for (int64_t marks = 0; end < text.size() && is_mark(text, end); next_code_point(text, end)) {
      if (++marks > limits::marks_in_order) return end;
    }
    at = std::max(at, end);
  }
  return text.size();
}

// ICU counts in 32 bits: the end of a piece that can be normalised by itself.
size_t piece_end(std::string_view text, size_t begin, const icu::Normalizer2& normalizer) {
  constexpr size_t wanted = size_t{4} << 20;
  constexpr size_t most = size_t{1} << 28;
  const std::string_view first = text.substr(begin, wanted);
  const size_t marks_end = end_of_endless_marks(first);
  if (marks_end < first.size() || first.size() == text.size() - begin) return begin + marks_end;
  size_t end = begin + wanted;
  while (end < text.size() && continues_code_point(text[end])) ++end;
  int64_t marks = 0;
  while (end < text.size() && end - begin < most && marks <= limits::marks_in_order) {
    size_t next = end;
    marks = is_mark(text, end) ? marks + 1 : 0;
    if (normalizer.hasBoundaryBefore(static_cast<UChar32>(next_code_point(text, next)))) break;
    end = next;
  }
  return end;
}

icu::StringPiece as_piece(std::string_view text) {
  return {text.data(), static_cast<int32_t>(text.size())};
}

// Nothing is appended while the text read so far is normal: `text` up to the result is.
size_t normal_prefix(std::string_view text, const icu::Normalizer2& normalizer) {
  // ASCII is normal in every form, and no mark after it can reach back beyond its last character.
  size_t begin = find_non_ascii(text);
  if (begin == text.size()) return begin;
  if (begin > 0) --begin;
  while (begin < text.size()) {
    const size_t end = piece_end(text, begin, normalizer);
    UErrorCode code = U_ZERO_ERROR;
    const bool normal =
        normalizer.isNormalizedUTF8(as_piece(text.substr(begin, end - begin)), code);
    check(code);
    if (!normal) break;
    begin = end;
  }
  return begin;
}

std::string fold_line_ends(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t cr = std::min(text.find('\r', at), text.size());
    folded.append(text.substr(at, cr - at));
    at = cr;
    if (cr == text.size()) break;
    folded += '\n';
    at += text.substr(cr, 2) == "\r\n" ? 2 : 1;
  }
  return folded;
}

}  // namespace

std::string_view normalize(std::string_view text, const TextOptions& options,
                           std::string& storage) {
  if (options.line_ends == LineEnds::lf && text.find('\r') != std::string_view::npos) {
    storage = fold_line_ends(text);
    text = storage;
  }
  if (options.unit == Unit::byte || options.normalize == Normalization::none) return text;
  const icu::Normalizer2& normalizer = normalizer_of(options.normalize);
  size_t begin = normal_prefix(text, normalizer);
  if (begin == text.size()) return text;
  std::string normal(text.substr(0, begin));
  normal.reserve(text.size());
  icu::StringByteSink<std::string> sink(&normal);
  while (begin < text.size()) {
    const size_t end = piece_end(text, begin, normalizer);
    UErrorCode code = U_ZERO_ERROR;
    normalizer.normalizeUTF8(0, as_piece(text.substr(begin, end - begin)), sink, nullptr, code);
    check(code);
    begin = end;
  }
  storage = std::move(normal);
  return storage;
}

std::string normalize(std::string_view text, Normalization form) {
  std::string storage;
  return std::string(normalize(text, {.normalize = form, .line_ends = LineEnds::keep}, storage));
}

std::string decompose(std::string_view text) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFDInstance(code);
  check(code);
  std::string decomposed;
  icu::StringByteSink<std::string> sink(&decomposed);
  normalizer->normalizeUTF8(0, as_piece(text), sink, nullptr, code);
  check(code);
  return decomposed;
}

}  // namespace inkling::text
