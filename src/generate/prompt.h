#pragma once

#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace inkling::generate {

// What a model reads, from its initial state, before it goes on from `prompt`: the prompt's tokens
// behind the one with which a text begins, which is the end token in documents mode, else the line
// feed: a prompt is read as the begin of a line, unless it begins with a space or a line feed or
// the vocabulary has none. Of an empty prompt, start_token() alone. Never empty. more: what was
// added to the prompt since, and is read with it.
std::vector<text::Token> prompt_tokens(const text::Tokenizer& tokenizer, std::string_view prompt,
                                       std::string_view more = {});

}  // namespace inkling::generate
