#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "generate/next_character.h"

namespace inkling::generate {

// Which of a model's slots are free. Slot 0 is never handed out: it is the caller's.
class SlotPool {
 public:
  explicit SlotPool(NextCharacter& model) : model_(model) { release_all(); }

  // Grows the model's pool where none is free.
  int64_t acquire() {
    if (free_.empty()) {
      const int64_t old = model_.slots();
      model_.resize(std::max<int64_t>(2 * old, 64));
      for (int64_t slot = model_.slots(); slot-- > old;) free_.push_back(slot);
    }
    const int64_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void release(int64_t slot) { free_.push_back(slot); }
  void release_all() {
    free_.clear();
    for (int64_t slot = model_.slots(); slot-- > 1;) free_.push_back(slot);
  }

 private:
  NextCharacter& model_;
  std::vector<int64_t> free_;
};

}  // namespace inkling::generate
