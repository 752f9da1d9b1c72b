#pragma once

#include <string>

#include "base/error.h"

namespace inkling::testing {

// The message of the DataError that `work` throws; "" where it throws none.
template <class Work>
std::string refusal(Work&& work) {
  try {
    work();
  } catch (const DataError& e) {
    return e.what();
  }
  return "";
}

// Whether `message` has `words` in it; an empty message has none.
inline bool says(const std::string& message, const std::string& words) {
  return !message.empty() && message.find(words) != message.npos;
}

}  // namespace inkling::testing
