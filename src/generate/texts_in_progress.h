#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generate/next_character.h"
#include "generate/slot_pool.h"
#include "generate/text_in_progress.h"
#include "generate/texts_in_order.h"
#include "nn/step_sharing.h"

namespace inkling::generate {

// Texts that a model writes side by side: each draws its next character, on the threads that the
// model has, and the model takes one step for all of them. What a text becomes depends on no other.
// The model and the sink must outlive it. Not thread-safe itself.
class TextsInProgress {
 public:
  // Makes text `index`, which writes to `sink`.
  using Maker = std::function<TextInProgress(uint64_t index, TextSink sink)>;

  // So many texts. All begin where slot 0 of the model stands, with these logits [V], which must
  // outlive it.
  TextsInProgress(NextCharacter& model, std::span<const float> logits, uint64_t count, Maker make,
                  const TextsSink& sink);

  // Each draws, and the model reads what they drew; a text that has ended is handed on and another
  // begins in its place. Throws what a draw, the sink or the model throws: it is of no use then.
  // Returns whether a text is left.
  bool go_on();

 private:
  struct Text {
    Text(const Maker& make, uint64_t number, int64_t place)
        : index(number), slot(place), text(make(number, [this](std::string_view piece) {
            said += piece;
            return true;
          })) {}
    Text(const Text&) = delete;  // its text writes to it
    Text& operator=(const Text&) = delete;

    uint64_t index;
    int64_t slot;
    std::string said;  // since the last step
    TextInProgress text;
    std::optional<text::Token> next;  // nothing: it has ended
    std::exception_ptr failure;
  };

  void begin_some();
  void draw(size_t from);
  void draw_one(size_t i);
  void hand_on();

  NextCharacter& model_;
  std::span<const float> first_logits_;
  uint64_t left_;  // texts that have not begun
  Maker make_;
  SlotPool slots_;
  TextsInOrder ordered_;
  std::vector<std::unique_ptr<Text>> texts_;  // those that the model has read, then the new ones
  size_t read_ = 0;
  std::vector<float> logits_;  // [read_, V]
  nn::StepSharing drawing_{2};
  std::vector<int64_t> rows_;
  std::vector<text::Token> tokens_;
};

}  // namespace inkling::generate
