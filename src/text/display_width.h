#pragma once

#include <cstdint>
#include <string_view>

namespace inkling::text {

// What terminals differ in when they lay out a grapheme cluster. Most add up the columns of its
// code points (a spacing vowel sign takes one, a joined consonant takes one); some give a cluster
// the columns of its first. The defaults are what is most common, glibc's wcwidth and joined emoji.
struct WidthProfile {
  int64_t spacing_mark = 1;    // a spacing combining mark: the second sign of कि
  int64_t conjunct = 1;        // a consonant that a virama joins to the one before it: क्ष
  int64_t joined_emoji = 0;    // an emoji behind a zero-width joiner: 👩‍🚀
  int64_t emoji_modifier = 0;  // a skin tone behind an emoji: 👍🏽
  int64_t emoji_selector = 1;  // what U+FE0F adds to a narrow sign that it makes an emoji: ❤️

  bool operator==(const WidthProfile&) const = default;
};

// Columns that a grapheme cluster takes on a terminal; marks and controls take none.
int64_t cluster_width(std::string_view cluster, const WidthProfile& profile = {});

// Columns that well-formed UTF-8 takes: the sum over its clusters.
int64_t display_width(std::string_view text, const WidthProfile& profile = {});

}  // namespace inkling::text
