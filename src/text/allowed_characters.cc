#include "text/allowed_characters.h"

#include <unicode/parsepos.h>
#include <unicode/uniset.h>

#include "base/error.h"
#include "text/icu.h"
#include "text/utf8.h"

namespace inkling::text {
namespace {

void read_pattern(std::string_view pattern, std::string_view option, icu::UnicodeSet& set) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString text = to_icu(pattern);
  icu::ParsePosition position(0);
  set.applyPattern(text, position, 0, nullptr, status);  // 0: a space stands for itself
  if (U_SUCCESS(status) && position.getIndex() == text.length()) return;
  usage_error(
      "--{}: '{}' is no set of characters; write one like [a-z ], [^0-9], \\p{{Greek}} or "
      "[[:L:]-[aeiou]]",
      option, pattern);
}

}  // namespace

struct AllowedCharacters::Impl {
  bool everything = true;
  icu::UnicodeSet only{0, 0x10ffff};
  icu::UnicodeSet never;
  icu::UnicodeSet code_points;  // of only, less those of never
};

AllowedCharacters::AllowedCharacters(std::string_view only, std::string_view never) {
  const auto impl = std::make_shared<Impl>();
  if (!only.empty()) read_pattern(only, "only", impl->only);
  if (!never.empty()) read_pattern(never, "never", impl->never);
  impl->everything = only.empty() && never.empty();
  impl->code_points = impl->only;
  impl->code_points.removeAll(impl->never);
  for (icu::UnicodeSet* set : {&impl->only, &impl->never, &impl->code_points}) set->freeze();
  impl_ = impl;
}

bool AllowedCharacters::everything() const { return impl_->everything; }

bool AllowedCharacters::allows(std::string_view character) const {
  if (impl_->everything) return true;
  bool all = true, any = false;
  for (size_t at = 0; at < character.size();) {
    const auto c = static_cast<UChar32>(next_code_point(character, at));
    all = all && impl_->only.contains(c);
    any = any || impl_->never.contains(c);
  }
  const icu::UnicodeString whole = to_icu(character);
  return (all || impl_->only.contains(whole)) && !any && !impl_->never.contains(whole);
}

bool AllowedCharacters::allows_some(char32_t first, char32_t last) const {
  return impl_->code_points.containsSome(static_cast<UChar32>(first), static_cast<UChar32>(last));
}

}  // namespace inkling::text
