#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "generate/written.h"

namespace inkling::generate {

// Takes several texts, as if they were written one after another: their pieces and ends in
// ascending order of `index`.
struct TextsSink {
  std::function<void(uint64_t index, std::string_view piece)> piece;
  std::function<void(uint64_t index, const Written& written)> end;
};

// Hands texts that are written side by side to a sink one after another. Only those behind the
// first are kept. The sink must outlive it. Not thread-safe.
class TextsInOrder {
 public:
  explicit TextsInOrder(const TextsSink& sink) : sink_(sink) {}

  // The index of the text that begins: 0, 1, ...
  uint64_t begin();
  void piece(uint64_t index, std::string_view text);
  // Once for each text, behind its pieces.
  void end(uint64_t index, const Written& written);
  // Begun and not yet handed on: what is kept is bounded by it.
  size_t waiting() const { return kept_.size(); }

 private:
  struct Text {
    std::string text;
    std::optional<Written> written;
  };
  const TextsSink& sink_;
  std::deque<Text> kept_;  // from first_ on
  uint64_t first_ = 0;
};

}  // namespace inkling::generate
