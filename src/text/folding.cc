#include "text/folding.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "text/icu.h"
#include "text/normalizer.h"
#include "text/utf8.h"

namespace inkling::text {
namespace {

constexpr const char* cannot_normalise = "normalise text";

template <class Map>
std::string map_code_points(std::string_view text, Map map) {
  std::string mapped;
  for (size_t at = 0; at < text.size();) {
    append_code_point(mapped,
                      static_cast<char32_t>(map(static_cast<UChar32>(next_code_point(text, at)))));
  }
  return mapped;
}

std::string lower_case(std::string_view text) { return map_code_points(text, u_tolower); }
std::string upper_case(std::string_view text) { return map_code_points(text, u_toupper); }

std::string without_marks(std::string_view text) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(code);
  check_icu(code, cannot_normalise);
  const icu::UnicodeString decomposed = nfd->normalize(to_icu(text), code);
  check_icu(code, cannot_normalise);
  icu::UnicodeString base;
  for (int32_t at = 0; at < decomposed.length(); at = decomposed.moveIndex32(at, 1)) {
    const UChar32 c = decomposed.char32At(at);
    if ((U_GET_GC_MASK(c) & U_GC_M_MASK) == 0) base.append(c);
  }
  std::string result;
  // Composed again, because Hangul comes apart although nothing was removed.
  return normalize(base.toUTF8String(result), Normalization::nfc);
}

std::string latin_ascii(std::string_view text) {
  static std::mutex mutex;
  static const std::unique_ptr<icu::Transliterator> transliterator = [] {
    UErrorCode code = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(
        icu::Transliterator::createInstance("Latin-ASCII", UTRANS_FORWARD, code));
  }();
  if (!transliterator) return "";  // an ICU without transliteration data: one fold fewer
  icu::UnicodeString mapped = to_icu(text);
  const std::lock_guard lock(mutex);
  transliterator->transliterate(mapped);
  std::string result;
  return mapped.toUTF8String(result);
}

}  // namespace

std::vector<std::string> fold_candidates(std::string_view character) {
  const std::string self(character);
  const std::string compatible = normalize(self, Normalization::nfkc);
  const std::string base = without_marks(self);
  const std::string ascii = latin_ascii(self);
  std::vector<std::string> candidates;
  const auto add = [&](const std::string& candidate) {
    if (!candidate.empty() && candidate != self &&
        std::find(candidates.begin(), candidates.end(), candidate) == candidates.end()) {
      candidates.push_back(candidate);
    }
  };
  add(compatible);
  add(lower_case(self));
  add(upper_case(self));
  add(base);
  add(ascii);
  for (const std::string& other : {compatible, base, ascii}) {
    add(lower_case(other));
    add(upper_case(other));
  }
  return candidates;
}

Token Folder::fold(std::string_view character) {
  const auto [entry, is_new] = found_.try_emplace(std::string(character), vocabulary_.unknown());
  if (is_new) entry->second = find(character);
  return entry->second;
}

Token Folder::find(std::string_view character) const {
  if (unit_ == Unit::byte && !is_ascii(character.front())) return vocabulary_.unknown();
  for (const std::string& candidate : fold_candidates(character)) {
    if (const auto token = vocabulary_.find(candidate)) return *token;
  }
  return vocabulary_.unknown();
}

}  // namespace inkling::text
