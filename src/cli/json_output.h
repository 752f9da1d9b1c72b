#pragma once

#include <nlohmann/json.hpp>

#include "cli/output.h"

namespace inkling::cli {

using Json = nlohmann::ordered_json;  // keys in the order of writing

// One value on one line. What is no number is null; ill-formed text has U+FFFD in place.
inline void print_json(const Json& value, Output& out) {
  out.print(value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace inkling::cli
