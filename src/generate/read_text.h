#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "generate/next_character.h"
#include "generate/slot_pool.h"

namespace inkling::generate {

// The text that a model has read last. States are kept along the way, so that a text that begins
// like it, one letter longer or shorter, costs only what differs. The model and the pool must
// outlive it.
class ReadText {
 public:
  ReadText(NextCharacter& model, SlotPool& slots) : model_(model), slots_(slots) {}

  // Reads a text of one token or more, from the initial state. Where the model throws, the next
  // call goes on from what was read until then; there is no end() before it.
  void read(std::span<const text::Token> tokens);

  // Behind the text. Valid until the next read().
  ReadPoint end() const { return point(kept_.back()); }
  // Behind all but its last token; nothing for a text of one.
  std::optional<ReadPoint> before_last() const;

 private:
  struct Kept {
    size_t count = 0;  // tokens read
    int64_t slot = 0;
    std::vector<float> logits;  // [V]
  };

  static ReadPoint point(const Kept& kept) { return {kept.slot, kept.logits}; }
  void forget_from(size_t count);
  void thin_out();

  NextCharacter& model_;
  SlotPool& slots_;
  std::vector<text::Token> tokens_;
  std::vector<Kept> kept_;  // ascending
};

}  // namespace inkling::generate
