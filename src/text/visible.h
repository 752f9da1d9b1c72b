#pragma once

#include <string>
#include <string_view>

namespace inkling::text {

// `text` with what could steer a terminal spelt out, as in "\x1b" or "\u202e": control characters
// (but line feed and tab), line and paragraph separators, bidirectional embeddings, overrides and
// isolates. The marks that plain text needs (RLM, LRM, ALM, the joiners) stay. Ill-formed bytes
// become U+FFFD.
std::string visible(std::string_view text);

}  // namespace inkling::text
