#include "text/display_width.h"

#include <unicode/uchar.h>

#include "text/segmenter.h"
#include "text/utf8.h"

namespace inkling::text {
namespace {

constexpr UChar32 emoji_selector = 0xfe0f;
constexpr UChar32 joiner = 0x200d;
constexpr UChar32 soft_hyphen = 0xad;  // a format character, but terminals show it
constexpr uint8_t virama = 9;          // its combining class

bool has_property(UChar32 c, UProperty property) { return u_hasBinaryProperty(c, property) != 0; }

bool takes_no_column(UChar32 c) {
  const uint32_t zero_width =
      U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK | U_GC_CC_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
  if ((U_GET_GC_MASK(c) & zero_width) != 0) return c != soft_hyphen;
  const int hangul = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
  return hangul == U_HST_VOWEL_JAMO || hangul == U_HST_TRAILING_JAMO;
}

// Of a code point that stands alone.
int64_t code_point_width(UChar32 c) {
  if (takes_no_column(c)) return 0;
  if (has_property(c, UCHAR_REGIONAL_INDICATOR)) return 1;  // two are a flag
  const int east_asian = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  const bool wide = east_asian == U_EA_WIDE || east_asian == U_EA_FULLWIDTH ||
                    has_property(c, UCHAR_EMOJI_PRESENTATION);
  return wide ? 2 : 1;
}

// What a code point adds behind others of its cluster.
int64_t added_width(UChar32 c, UChar32 before, int64_t width_before, const WidthProfile& profile) {
  if (c == emoji_selector) return width_before == 1 ? profile.emoji_selector : 0;
  if (has_property(c, UCHAR_EMOJI_MODIFIER) &&
      (has_property(before, UCHAR_EMOJI_MODIFIER_BASE) || before == emoji_selector))
    return profile.emoji_modifier;
  if (u_charType(c) == U_COMBINING_SPACING_MARK) return profile.spacing_mark;
  const int64_t width = code_point_width(c);
  if (width == 0) return 0;
  if (before == joiner && has_property(c, UCHAR_EXTENDED_PICTOGRAPHIC)) return profile.joined_emoji;
  if (before == joiner || u_getCombiningClass(before) == virama) return profile.conjunct;
  return width;
}

}  // namespace

int64_t cluster_width(std::string_view cluster, const WidthProfile& profile) {
  if (cluster.empty()) return 0;
  if (cluster.size() == 1) return cluster[0] >= 0x20 && cluster[0] < 0x7f ? 1 : 0;
  size_t at = 0;
  auto before = static_cast<UChar32>(next_code_point(cluster, at));
  int64_t width = code_point_width(before);
  while (at < cluster.size()) {
    const auto c = static_cast<UChar32>(next_code_point(cluster, at));
    width += added_width(c, before, width, profile);
    before = c;
  }
  return width;
}

int64_t display_width(std::string_view text, const WidthProfile& profile) {
  int64_t width = 0;
  for_each_character(text, Unit::grapheme,
                     [&](std::string_view cluster) { width += cluster_width(cluster, profile); });
  return width;
}

}  // namespace inkling::text
