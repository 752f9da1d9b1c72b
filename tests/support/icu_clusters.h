#pragma once

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"

namespace inkling::testing {

// The grapheme clusters of well-formed UTF-8 by ICU over the whole text, in UTF-16, with the long
// ones cut afterwards: the definition.
inline std::vector<std::string> icu_clusters(const std::string& text) {
  static const std::unique_ptr<icu::BreakIterator> iterator = [] {
    UErrorCode code = U_ZERO_ERROR;
    return std::unique_ptr<icu::BreakIterator>(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), code));
  }();
  const icu::UnicodeString wide = icu::UnicodeString::fromUTF8(text);
  iterator->setText(wide);
  std::vector<std::string> result;
  for (int32_t begin = 0, end = iterator->next(); end != icu::BreakIterator::DONE;
       begin = end, end = iterator->next()) {
    while (wide.countChar32(begin, end - begin) > limits::character_code_points) {
      const int32_t cut = wide.moveIndex32(begin, int32_t{limits::character_code_points});
      wide.tempSubStringBetween(begin, cut).toUTF8String(result.emplace_back());
      begin = cut;
    }
    wide.tempSubStringBetween(begin, end).toUTF8String(result.emplace_back());
  }
  return result;
}

}  // namespace inkling::testing
