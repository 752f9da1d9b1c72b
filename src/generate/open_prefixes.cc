#include "generate/open_prefixes.h"

#include <algorithm>
#include <tuple>

namespace inkling::generate {
namespace {

bool better(const OpenPrefix& a, const OpenPrefix& b) {
  if (a.mass != b.mass) return a.mass > b.mass;
  return std::tie(a.parent, a.token) < std::tie(b.parent, b.token);
}
bool worse(const OpenPrefix& a, const OpenPrefix& b) { return better(b, a); }

}  // namespace

void OpenPrefixes::clear() {
  heap_.clear();
  left_out_mass_ = left_out_greatest_ = 0;
}

void OpenPrefixes::add(const OpenPrefix& open) {
  heap_.push_back(open);
  std::push_heap(heap_.begin(), heap_.end(), worse);
}

void OpenPrefixes::leave_out(double mass) {
  left_out_mass_ += mass;
  left_out_greatest_ = std::max(left_out_greatest_, mass);
}

std::vector<OpenPrefix> OpenPrefixes::take_best(size_t n, double least) {
  std::vector<OpenPrefix> taken;
  while (taken.size() < n && !heap_.empty() && heap_.front().mass > least) {
    std::pop_heap(heap_.begin(), heap_.end(), worse);
    taken.push_back(heap_.back());
    heap_.pop_back();
  }
  return taken;
}

std::vector<OpenPrefix> OpenPrefixes::take_undecided(std::span<const int32_t> words, size_t n) {
  const auto wanted = [words](const OpenPrefix& open) {
    return open.undecided >= 0 && std::binary_search(words.begin(), words.end(), open.undecided);
  };
  const auto middle = std::stable_partition(heap_.begin(), heap_.end(), std::not_fn(wanted));
  std::sort(middle, heap_.end(), worse);
  std::vector<OpenPrefix> taken;
  while (taken.size() < n && !heap_.empty() && wanted(heap_.back())) {
    taken.push_back(heap_.back());
    heap_.pop_back();
  }
  std::make_heap(heap_.begin(), heap_.end(), worse);
  return taken;
}

void OpenPrefixes::trim(size_t n, const std::function<void(const OpenPrefix&)>& left_out) {
  if (heap_.size() <= n) return;
  const auto middle = heap_.begin() + static_cast<int64_t>(n);
  std::nth_element(heap_.begin(), middle, heap_.end(), better);
  for (auto open = middle; open != heap_.end(); ++open) {
    leave_out(open->mass);
    left_out(*open);
  }
  heap_.erase(middle, heap_.end());
  std::make_heap(heap_.begin(), heap_.end(), worse);
}

double OpenPrefixes::greatest() const {
  return heap_.empty() ? left_out_greatest_ : std::max(left_out_greatest_, heap_.front().mass);
}

double OpenPrefixes::mass() const {
  double sum = left_out_mass_;
  for (const OpenPrefix& open : heap_) sum += open.mass;
  return sum;
}

}  // namespace inkling::generate
