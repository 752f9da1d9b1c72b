#include "generate/open_prefixes.h"

#include <algorithm>
#include <tuple>

namespace inkling::generate {
namespace {

bool better(const OpenPrefix& a, const OpenPrefix& b) {
  if (a.mass != b.mass) return a.mass > b.mass;
  return std::tie(a.parent, a.token) < std::tie(b.parent, b.token);
}

}  // namespace

void OpenPrefixes::clear() {
  all_.clear();
  taken_.clear();
  heap_.clear();
  by_word_.clear();
  size_ = 0;
  left_out_mass_ = left_out_greatest_ = 0;
}

void OpenPrefixes::add(const OpenPrefix& open) {
  const auto index = static_cast<int32_t>(all_.size());
  all_.push_back(open);
  taken_.push_back(false);
  ++size_;
  push(heap_, index);
  if (open.undecided < 0) return;
  const auto word = static_cast<size_t>(open.undecided);
  if (by_word_.size() <= word) by_word_.resize(word + 1);
  push(by_word_[word], index);
}

void OpenPrefixes::leave_out(double mass) {
  left_out_mass_ += mass;
  left_out_greatest_ = std::max(left_out_greatest_, mass);
}

std::vector<OpenPrefix> OpenPrefixes::take_best(size_t n, double least) {
  std::vector<OpenPrefix> result;
  while (result.size() < n && !heap_.empty()) {
    if (all_[static_cast<size_t>(heap_.front())].mass <= least) break;
    result.push_back(take(heap_));
  }
  return result;
}

std::vector<OpenPrefix> OpenPrefixes::take_undecided(std::span<const int32_t> words, size_t n,
                                                     size_t asks) {
  std::vector<Heap*> heaps;  // of the words, the one with the best in front
  const auto worse_front = [this](const Heap* a, const Heap* b) {
    return worse(a->front(), b->front());
  };
  const auto push_heap_of_word = [&](Heap* heap) {
    pass_over_taken(*heap);
    if (heap->empty()) return;
    heaps.push_back(heap);
    std::push_heap(heaps.begin(), heaps.end(), worse_front);
  };
  for (const int32_t word : words) {
    const auto i = static_cast<size_t>(word);
    if (i < by_word_.size()) push_heap_of_word(&by_word_[i]);
  }
  std::vector<OpenPrefix> result;
  size_t asked = 0;
  while (!heaps.empty() && asked < asks && result.size() - asked < n) {
    std::pop_heap(heaps.begin(), heaps.end(), worse_front);
    Heap* heap = heaps.back();
    heaps.pop_back();
    result.push_back(take(*heap));
    asked += result.back().step.kind == WordStep::Kind::ask ? 1 : 0;
    push_heap_of_word(heap);
  }
  pass_over_taken(heap_);
  return result;
}

void OpenPrefixes::trim(size_t n, const std::function<void(const OpenPrefix&)>& left_out) {
  if (size_ <= n) return;
  std::vector<OpenPrefix> open;
  for (size_t i = 0; i < all_.size(); ++i) {
    if (!taken_[i]) open.push_back(all_[i]);
  }
  const auto middle = open.begin() + static_cast<int64_t>(n);
  std::nth_element(open.begin(), middle, open.end(), better);
  for (auto least = middle; least != open.end(); ++least) {
    leave_out(least->mass);
    left_out(*least);
  }
  open.erase(middle, open.end());

  const double mass = left_out_mass_, greatest = left_out_greatest_;
  clear();
  left_out_mass_ = mass, left_out_greatest_ = greatest;
  for (const OpenPrefix& kept : open) add(kept);
}

double OpenPrefixes::greatest() const {
  if (heap_.empty()) return left_out_greatest_;
  return std::max(left_out_greatest_, all_[static_cast<size_t>(heap_.front())].mass);
}

double OpenPrefixes::mass() const {
  double sum = left_out_mass_;
  for (size_t i = 0; i < all_.size(); ++i) {
    if (!taken_[i]) sum += all_[i].mass;
  }
  return sum;
}

bool OpenPrefixes::worse(int32_t a, int32_t b) const {
  return better(all_[static_cast<size_t>(b)], all_[static_cast<size_t>(a)]);
}

void OpenPrefixes::push(Heap& heap, int32_t index) {
  heap.push_back(index);
  std::push_heap(heap.begin(), heap.end(), [this](int32_t a, int32_t b) { return worse(a, b); });
}

int32_t OpenPrefixes::pop(Heap& heap) {
  std::pop_heap(heap.begin(), heap.end(), [this](int32_t a, int32_t b) { return worse(a, b); });
  const int32_t index = heap.back();
  heap.pop_back();
  return index;
}

void OpenPrefixes::pass_over_taken(Heap& heap) {
  while (!heap.empty() && taken_[static_cast<size_t>(heap.front())]) pop(heap);
}

const OpenPrefix& OpenPrefixes::take(Heap& heap) {
  const auto index = static_cast<size_t>(pop(heap));
  taken_[index] = true;
  --size_;
  pass_over_taken(heap);
  return all_[index];
}

}  // namespace inkling::generate
