#pragma once

#include <string>

#include "model/model_file.h"

namespace inkling::cli {

// Reads the model file at `path`. Where it cannot be read and another file of the same training run
// can (book.last.safetensors and book.previous.safetensors beside book.safetensors), the DataError
// names that one.
model::ModelFile open_model(const std::string& path, bool with_extra = false);

}  // namespace inkling::cli
