#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inkling::generate {

// Lets text through up to the first of some stop texts. What may be the beginning of one is held
// back until the text that follows decides.
class StopText {
 public:
  explicit StopText(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // Adds text; returns what may be shown now. After a stop text was found: always "".
  std::string add(std::string_view text);
  // No more text comes: what was held back.
  std::string finish();
  bool found() const { return found_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool found_ = false;
};

}  // namespace inkling::generate
