#include "generate/repetitions.h"

#include <algorithm>

namespace inkling::generate {

Repetitions::Repetitions(text::Token vocab_size, int64_t window, int64_t least_length)
    : window_(static_cast<size_t>(std::max<int64_t>(window, 0))),
      least_length_(static_cast<int32_t>(std::max<int64_t>(least_length, 1))),
      latest_(static_cast<size_t>(vocab_size), -1),
      lengths_(static_cast<size_t>(vocab_size)) {}

void Repetitions::clear() {
  text_.clear();
  match_.clear();
  matching_.clear();
  before_.clear();
  std::fill(latest_.begin(), latest_.end(), -1);
}

void Repetitions::add(std::span<const text::Token> tokens) {
  if (tokens.size() > window_) {
    clear();
    tokens = tokens.last(window_);
  }
  for (const text::Token token : tokens) add(token);
}

void Repetitions::add(text::Token token) {
  if (window_ == 0) return;
  if (text_.size() >= 2 * window_) forget_before(static_cast<int32_t>(text_.size() - window_));
  int32_t& latest = latest_[static_cast<size_t>(token)];
  matched_.swap(matching_);
  matching_.clear();
  // From the back, as each looks at the one before it as it was.
  for (int32_t i = latest; i >= 0; i = before_[static_cast<size_t>(i)]) {
    match_[static_cast<size_t>(i)] = (i > 0 ? match_[static_cast<size_t>(i - 1)] : 0) + 1;
    matching_.push_back(i);
  }
  for (const int32_t i : matched_) {
    if (text_[static_cast<size_t>(i)] != token) match_[static_cast<size_t>(i)] = 0;
  }
  before_.push_back(latest);
  latest = static_cast<int32_t>(text_.size());
  text_.push_back(token);
  match_.push_back(0);  // the whole text is no repetition of itself
}

void Repetitions::forget_before(int32_t begin) {
  const auto moved = [begin](int32_t& place) { place = std::max(place - begin, -1); };
  text_.erase(text_.begin(), text_.begin() + begin);
  match_.erase(match_.begin(), match_.begin() + begin);
  before_.erase(before_.begin(), before_.begin() + begin);
  std::for_each(before_.begin(), before_.end(), moved);
  std::for_each(latest_.begin(), latest_.end(), moved);
  std::for_each(matching_.begin(), matching_.end(), moved);
  while (!matching_.empty() && matching_.back() < 0) matching_.pop_back();
}

std::span<const int32_t> Repetitions::lengths() {
  std::fill(lengths_.begin(), lengths_.end(), 0);
  for (const int32_t i : matching_) {
    const int32_t match = match_[static_cast<size_t>(i)];
    if (match < least_length_) continue;
    int32_t& length = lengths_[static_cast<size_t>(text_[static_cast<size_t>(i) + 1])];
    length = std::max(length, match);
  }
  return lengths_;
}

}  // namespace inkling::generate
