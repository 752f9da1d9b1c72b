#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace inkling::model {

// What `work` returns; a DataError of it gets the path, which the code that judges bytes does not
// know, in front.
template <class Work>
auto with_path(const std::string& path, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const MemoryError& e) {
    throw MemoryError(path + ": " + e.what());
  } catch (const DataError& e) {
    data_error("{}: {}", path, e.what());
  }
}

}  // namespace inkling::model
