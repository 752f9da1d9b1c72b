#include "text/unicode_version.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/uversion.h>

#include <array>

namespace inkling::text {

std::string unicode_version() {
  // The library's at run time, not the header's.
  UVersionInfo icu{};
  UVersionInfo unicode{};
  u_getVersion(icu);
  u_getUnicodeVersion(unicode);
  std::array<char, U_MAX_VERSION_STRING_LENGTH> icu_text{};
  std::array<char, U_MAX_VERSION_STRING_LENGTH> unicode_text{};
  u_versionToString(icu, icu_text.data());
  u_versionToString(unicode, unicode_text.data());
  return fmt::format("ICU {}, Unicode {}", icu_text.data(), unicode_text.data());
}

}  // namespace inkling::text
