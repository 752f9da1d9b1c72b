#pragma once

#include <string>
#include <string_view>

#include "text/text_options.h"
#include "text/vocabulary.h"

namespace inkling::model {

// {"documents":"none","line_ends":"lf","normalize":"nfc","unit":"grapheme"}
std::string text_options_json(const text::TextOptions& options);
text::TextOptions parse_text_options(std::string_view text);

// {"characters":["\n"," ","a"],"counts":[1,5,9],"end_count":null,"unknown_count":0}; characters of
// Unit::byte are numbers from 0 to 255.
std::string vocabulary_json(const text::Vocabulary& vocabulary, text::Unit unit);
text::Vocabulary parse_vocabulary(std::string_view text, text::Unit unit);

}  // namespace inkling::model
