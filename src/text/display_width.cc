#include "text/display_width.h"

#include <unicode/uchar.h>

#include "text/segmenter.h"
#include "text/utf8.h"

namespace inkling::text {
namespace {

constexpr UChar32 emoji_selector = 0xfe0f;

int64_t cluster_width(std::string_view cluster) {
  size_t at = 0;
  const auto first = static_cast<UChar32>(next_code_point(cluster, at));
  while (at < cluster.size()) {
    if (static_cast<UChar32>(next_code_point(cluster, at)) == emoji_selector) return 2;
  }
  const int east_asian = u_getIntPropertyValue(first, UCHAR_EAST_ASIAN_WIDTH);
  if (east_asian == U_EA_WIDE || east_asian == U_EA_FULLWIDTH) return 2;
  if (u_hasBinaryProperty(first, UCHAR_EMOJI_PRESENTATION)) return 2;
  const uint32_t zero_width =
      U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK | U_GC_CC_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
  return (U_GET_GC_MASK(first) & zero_width) != 0 ? 0 : 1;
}

}  // namespace

int64_t display_width(std::string_view text) {
  int64_t width = 0;
  for_each_character(text, Unit::grapheme,
                     [&](std::string_view cluster) { width += cluster_width(cluster); });
  return width;
}

}  // namespace inkling::text
