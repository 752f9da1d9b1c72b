#pragma once

#include <string>
#include <string_view>

namespace inkling::text {

// What bytes that should be UTF-8 seem to be instead, as a name that --encoding takes; for
// messages, not for deciding silently. Each is "" when there is no ground for a guess.

// UTF-16 or UTF-32: from a byte order mark, or from the pattern of the zero bytes.
std::string guess_wide_encoding(std::string_view bytes);
// A legacy encoding such as windows-1252 or Shift_JIS; "utf-8" for UTF-8 that is merely damaged
// here and there.
std::string guess_legacy_encoding(std::string_view bytes);

}  // namespace inkling::text
