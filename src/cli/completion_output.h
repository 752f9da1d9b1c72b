#pragma once

#include <string>

#include "cli/console.h"
#include "cli/json_output.h"
#include "generate/completion.h"
#include "generate/gap_filler.h"

// Completions as programs and people read them.
namespace inkling::cli {

Json as_json(const std::string& prompt, const generate::CompletionResult& result);
Json as_json(const std::string& prompt, const generate::FillResult& result);

// A table, and what is to be said about it.
void print_table(const generate::CompletionResult& result, Console& console);
void print_table(const generate::FillResult& result, Console& console);

}  // namespace inkling::cli
