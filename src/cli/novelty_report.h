#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "cli/json_output.h"
#include "cli/output.h"
#include "cli/word_wrap.h"
#include "generate/novelty.h"

namespace inkling::cli {

// A text with its passages underlined, and coloured where the terminal may be; elsewhere as it is.
void print_marked(const std::string& text, const generate::Novelty& novelty, WordWrap& lines,
                  Output& out);

// How much of the texts stands in the corpus, and the longest passages. least: of a passage that
// counts.
void print_novelty(std::span<const std::string> texts, std::span<const generate::Novelty> novelties,
                   int64_t least, Output& out);

Json novelty_json(const std::string& text, const generate::Novelty& novelty, int64_t least);

}  // namespace inkling::cli
