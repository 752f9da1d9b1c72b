#pragma once

#include <string>
#include <string_view>

namespace inkling::cli {

// `text` as one word of a command line that a person can take over into a shell: in quotation marks
// where it needs them.
std::string shell_word(std::string_view text);

}  // namespace inkling::cli
