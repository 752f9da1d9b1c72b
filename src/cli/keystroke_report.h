#pragma once

#include <cstdint>

#include "cli/console.h"
#include "generate/next_character.h"
#include "text/corpus.h"

namespace inkling::cli {

// evaluate --completion: types a text, as the model reads it, with the model's suggestions
// (generate/keystrokes.h), and prints the share of keys saved and how often the next word was
// suggested. most_characters: only the first of the text; 0 = all. Throws DataError where there is
// no word to type.
void report_keystrokes(generate::NextCharacter& model, const text::CorpusPart& part,
                       int64_t most_characters, bool json, Console& console);

}  // namespace inkling::cli
