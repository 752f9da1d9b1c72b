#include "generate/repetitions.h"

#include <algorithm>

namespace inkling::generate {

Repetitions::Repetitions(text::Token vocab_size, int64_t window, int64_t least_length)
    : window_(static_cast<size_t>(std::max<int64_t>(window, 0))),
      least_length_(static_cast<int32_t>(std::max<int64_t>(least_length, 1))),
      lengths_(static_cast<size_t>(vocab_size)) {}

void Repetitions::clear() {
  text_.clear();
  match_.clear();
}

void Repetitions::add(text::Token token) {
  if (window_ == 0) return;
  if (text_.size() >= 2 * window_) {
    const auto old = static_cast<ptrdiff_t>(text_.size() - window_);
    text_.erase(text_.begin(), text_.begin() + old);
    match_.erase(match_.begin(), match_.begin() + old);
  }
  // From the back, as each looks at the one before it as it was.
  for (size_t i = text_.size(); i-- > 0;) {
    const int32_t before = i > 0 ? match_[i - 1] : 0;
    match_[i] = text_[i] == token ? before + 1 : 0;
  }
  text_.push_back(token);
  match_.push_back(0);  // the whole text is no repetition of itself
}

std::span<const int32_t> Repetitions::lengths() {
  std::fill(lengths_.begin(), lengths_.end(), 0);
  for (size_t i = 0; i + 1 < text_.size(); ++i) {
    if (match_[i] < least_length_) continue;
    int32_t& length = lengths_[static_cast<size_t>(text_[i + 1])];
    length = std::max(length, match_[i]);
  }
  return lengths_;
}

}  // namespace inkling::generate
