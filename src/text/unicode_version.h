#pragma once

#include <string>

namespace inkling::text {

// "ICU 72.1, Unicode 15.0": what decides where characters end. Another version may cut some rare
// texts elsewhere.
std::string unicode_version();

}  // namespace inkling::text
