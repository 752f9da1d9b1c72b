#pragma once

#include <memory>
#include <string_view>

namespace inkling::text {

// Which characters may be written: those of one set that are not of another. A set is written as
// ICU's UnicodeSet has it: [a-z ], [^0-9], \p{Greek}, [[:L:]-[aeiou]], [a-z{e\u0301}]; a space in
// it stands for itself.
//
// A character (a cluster) of several code points is in `only` when all of them are, or when it
// stands there as a whole, in braces; `never` forbids it when any of them, or it as a whole, is
// there. Immutable; any number of threads may use it.
class AllowedCharacters {
 public:
  // "" = no such set. Throws UsageError, naming --only or --never, where a pattern is none.
  AllowedCharacters(std::string_view only, std::string_view never);

  bool everything() const;  // neither set was given
  // Of well-formed UTF-8, not empty.
  bool allows(std::string_view character) const;
  // Whether any of these code points, both ends included, is allowed.
  bool allows_some(char32_t first, char32_t last) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace inkling::text
