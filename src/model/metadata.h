#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/language_model.h"

namespace inkling::model {

// A model's configuration, tokenizer and history as the strings of safetensors' __metadata__;
// models/FORMAT.md shows them.
using Metadata = std::map<std::string, std::string>;

// Raised whenever a reader of the version before would compute something else from a new file, or
// nothing.
constexpr int format_version = 2;  // 2: mixtures; what is none is written as 1

// All but the checksum, which is `unsealed`. Throws DataError on a vocabulary that is not UTF-8.
Metadata metadata_of(const LanguageModel& model);

// The model that the metadata describes, without its weights. Throws DataError, without the path,
// on a value that is missing, of another type or beyond base/limits.h, and on a newer version.
LanguageModel model_of(const Metadata& metadata);

// Throws DataError where this is no model of ours, or one of a version that this program does not
// know.
void check_version(const Metadata& metadata);

// Keys that begin with this are a checkpoint's.
constexpr std::string_view state_prefix = "state.";

}  // namespace inkling::model
