#pragma once

#include <deque>
#include <string_view>
#include <utility>

namespace inkling::cli {

// The escape sequence, of 256 colours, for a character of that surprise in bits: pale where the
// model was sure, the terminal's own colour where it chose among a few, then yellow to red.
std::string_view shade_of(double surprise);

// Surprises of characters between where they are drawn and where they are shown.
class SurpriseQueue {
 public:
  void add(std::string_view character, double surprise) {
    if (!character.empty()) queue_.emplace_back(character.size(), surprise);
  }
  // That of the next `bytes` bytes together.
  double take(size_t bytes);

 private:
  std::deque<std::pair<size_t, double>> queue_;  // bytes left of a character, its surprise
};

}  // namespace inkling::cli
