#include "generate/read_text.h"

#include <algorithm>

namespace inkling::generate {
namespace {

// Of a long text a state is kept every so many tokens; of one that grows, behind each of the last.
constexpr size_t interval = 256;
constexpr size_t most_recent = 32;
constexpr size_t most_kept = 128;

}  // namespace

void ReadText::read(std::span<const text::Token> tokens) {
  const auto differs = std::mismatch(tokens_.begin(), tokens_.end(), tokens.begin(), tokens.end());
  forget_from(static_cast<size_t>(differs.first - tokens_.begin()) + 1);
  tokens_.assign(tokens.begin(), tokens.end());
  const size_t n = tokens.size();
  const bool lacks_neighbour = kept_.size() < 2 || kept_[kept_.size() - 2].count + 1 < n;
  if (n > 1 && !kept_.empty() && kept_.back().count == n && lacks_neighbour) forget_from(n);
  thin_out();

  const auto read_to = [&](size_t count) {
    const size_t from = kept_.empty() ? 0 : kept_.back().count;
    if (from >= count) return;
    Kept next{count, slots_.acquire(),
              std::vector<float>(static_cast<size_t>(model_.vocabulary().size()))};
    if (kept_.empty()) {
      model_.reset(next.slot);
    } else {
      model_.copy(kept_.back().slot, next.slot);
    }
    try {
      model_.read(next.slot, tokens.subspan(from, count - from), next.logits);
    } catch (...) {
      slots_.release(next.slot);  // what was read before it is kept
      throw;
    }
    kept_.push_back(std::move(next));
  };
  for (size_t stop = interval; stop + 1 < n; stop += interval) read_to(stop);
  read_to(n - 1);
  read_to(n);
}

std::optional<ReadPoint> ReadText::before_last() const {
  if (tokens_.size() < 2) return std::nullopt;
  return point(kept_[kept_.size() - 2]);
}

void ReadText::forget_from(size_t count) {
  while (!kept_.empty() && kept_.back().count >= count) {
    slots_.release(kept_.back().slot);
    kept_.pop_back();
  }
}

void ReadText::thin_out() {
  if (kept_.size() <= most_kept) return;
  const size_t recent = kept_.size() - most_recent, oldest = kept_.size() - most_kept;
  std::vector<Kept> rest;
  for (size_t i = 0; i < kept_.size(); ++i) {
    const bool at_interval = kept_[i].count % interval == 0 && i >= oldest;
    if (i >= recent || at_interval) {
      rest.push_back(std::move(kept_[i]));
    } else {
      slots_.release(kept_[i].slot);
    }
  }
  kept_ = std::move(rest);
}

}  // namespace inkling::generate
