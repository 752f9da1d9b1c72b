#pragma once

#include <unicode/unistr.h>
#include <unicode/utypes.h>

#include <cstdint>
#include <new>
#include <string_view>

#include "base/error.h"

// What the files of this folder that call ICU share; nobody else includes it.
namespace inkling::text {

// Throws where ICU failed: std::bad_alloc, or DataError that says what it could not do.
inline void check_icu(UErrorCode code, const char* what) {
  if (code == U_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (U_FAILURE(code))
    data_error("ICU cannot {} ({}); is its data installed?", what, u_errorName(code));
}

inline icu::UnicodeString to_icu(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
}

}  // namespace inkling::text
