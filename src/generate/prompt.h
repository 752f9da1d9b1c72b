#pragma once

#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace inkling::generate {

// What a model reads, from its initial state, before it goes on from `prompt`: the prompt's tokens,
// in documents mode preceded by the end token; for an empty prompt the token with which a text
// begins. Never empty.
std::vector<text::Token> prompt_tokens(const text::Tokenizer& tokenizer, std::string_view prompt);

}  // namespace inkling::generate
