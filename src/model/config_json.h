#pragma once

#include <string>
#include <string_view>

#include "model/model_config.h"

namespace inkling::model {

// {"activation":"tanh","cell":"lstm",...,"layers":[{"hidden_size":256,"inputs":[-1]},...],...},
// fields in alphabetical order.
std::string config_json(const ModelConfig& config);

// Throws DataError, without the path, on a field that is missing, unknown or beyond base/limits.h.
ModelConfig parse_config(std::string_view text);

}  // namespace inkling::model
