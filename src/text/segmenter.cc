#include "text/segmenter.h"

#include <unicode/uchar.h>

#include "base/limits.h"
#include "text/boundaries.h"

namespace inkling::text {
namespace {

// What the rules of UAX #29 need to know of a code point to settle the easy cases without ICU.
enum class Role : uint8_t {
  plain,    // joins to nothing by itself: most letters, Hangul syllables (which a jamo may follow),
            // most emoji
  control,  // stands alone, always
  extend,   // always joins what is before it, unless that is a control, and asks for nothing after
            // it
  opening,  // never joins a plain one before it, but may hold what follows: CR, leading jamo,
            // flags, prepended signs
  other,    // ZWJ, viramas, jamo: ICU decides
};

Role role_of(char32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  switch (u_getIntPropertyValue(c, UCHAR_GRAPHEME_CLUSTER_BREAK)) {
    case U_GCB_OTHER:
    case U_GCB_LV:
    case U_GCB_LVT:
      return Role::plain;
    case U_GCB_CONTROL:
    case U_GCB_LF:
      return Role::control;
    case U_GCB_EXTEND:
    case U_GCB_SPACING_MARK:
      // A virama (combining class 9) can bind the consonant after it.
      return u_getCombiningClass(c) == 9 ? Role::other : Role::extend;
    case U_GCB_CR:
    case U_GCB_L:
    case U_GCB_PREPEND:
    case U_GCB_REGIONAL_INDICATOR:
      return Role::opening;
    default:
      return Role::other;
  }
}

// A boundary for certain, whatever is before `left`.
bool certain_boundary(Role left, Role right) {
  return left == Role::control ||
         (left == Role::plain && right != Role::extend && right != Role::other);
}

// Adds the ends of [begin, end)'s clusters, the long ones cut.
void ask_icu(std::string_view text, size_t begin, size_t end, std::vector<size_t>& ends) {
  thread_local Boundaries boundaries(Boundaries::Kind::cluster);
  size_t from = begin;
  for (const auto& boundary : boundaries.find(text.substr(begin, end - begin))) {
    const size_t to = begin + static_cast<size_t>(boundary.end);
    int64_t code_points = 0;
    for (size_t at = from; at < to; ++code_points) {
      if (code_points == limits::character_code_points) {
        ends.push_back(at);
        code_points = 0;
      }
      next_code_point(text, at);
    }
    ends.push_back(to);
    from = to;
  }
}

}  // namespace

size_t next_clusters(std::string_view text, size_t begin, std::vector<size_t>& ends) {
  ends.clear();
  size_t at = begin;
  Role left = role_of(next_code_point(text, at));
  if (left == Role::control) return at;
  bool easy = left == Role::plain;
  int64_t code_points = 1;
  while (at < text.size()) {
    size_t next = at;
    const Role right = role_of(next_code_point(text, next));
    if (certain_boundary(left, right)) break;
    // A mark leaves its plain base as it was, so that `left` still holds.
    easy = easy && right == Role::extend && ++code_points <= limits::character_code_points;
    if (!easy) left = right;
    at = next;
  }
  if (!easy) ask_icu(text, begin, at, ends);
  return at;
}

}  // namespace inkling::text
