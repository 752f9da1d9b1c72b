#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "generate/next_character.h"

namespace inkling::generate {

// The slots of a model that one user holds; other users of the same model hold others. Gives back,
// at its end, those that were not released. Slot 0 is never handed out. The model must outlive it.
class SlotPool {
 public:
  explicit SlotPool(NextCharacter& model) : model_(model) {}
  ~SlotPool() {
    for (size_t slot = 0; slot < held_.size(); ++slot) {
      if (held_[slot]) release(static_cast<int64_t>(slot));
    }
  }
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;

  // Grows the model's pool where none is free.
  int64_t acquire() {
    std::vector<int64_t>& free = model_.free_slots_;
    if (free.empty()) {
      if (model_.new_slot_ >= model_.slots()) {
        model_.resize(std::max<int64_t>(2 * model_.slots(), 64));
      }
      free.push_back(model_.new_slot_++);
    }
    const int64_t slot = free.back();
    free.pop_back();
    const auto index = static_cast<size_t>(slot);
    if (held_.size() <= index) held_.resize(index + 1);
    held_[index] = true;
    return slot;
  }
  void release(int64_t slot) {
    held_[static_cast<size_t>(slot)] = false;
    model_.free_slots_.push_back(slot);
  }

 private:
  NextCharacter& model_;
  std::vector<bool> held_;  // by slot
};

}  // namespace inkling::generate
