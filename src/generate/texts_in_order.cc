#include "generate/texts_in_order.h"

#include <utility>

namespace inkling::generate {

uint64_t TextsInOrder::begin() {
  kept_.emplace_back();
  return first_ + kept_.size() - 1;
}

void TextsInOrder::piece(uint64_t index, std::string_view text) {
  if (index == first_) {
    sink_.piece(index, text);
  } else {
    kept_[index - first_].text += text;
  }
}

void TextsInOrder::end(uint64_t index, const Written& written) {
  kept_[index - first_].written = written;
  while (!kept_.empty() && kept_.front().written) {
    sink_.end(first_++, *kept_.front().written);
    kept_.pop_front();
    if (!kept_.empty() && !kept_.front().text.empty())
      sink_.piece(first_, std::exchange(kept_.front().text, {}));
  }
}

}  // namespace inkling::generate
