#include "support/failing_allocation.h"

#include <execinfo.h>
#include <link.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/random.h"

namespace inkling::testing {
namespace {

enum class Mode { none, fail_once, fail_for_good, note_places };
std::atomic<Mode> mode{Mode::none};
std::atomic<int64_t> counted{0}, failing{0};
std::atomic<bool> failed{false};

// So many calls tell one place from another, the innermost two or three of this program's among
// them.
constexpr size_t place_calls = 6;
// A table of the places met so far; what notes them must not allocate.
constexpr size_t most_places = 1 << 16;
std::array<uint64_t, most_places> places;
std::array<int64_t, most_places> visits;
size_t place_count = 0;

// Code that allocates for this program: its own, and that of libraries that do what it says.
struct CodeRanges {
  std::array<std::pair<uintptr_t, uintptr_t>, 8> ranges{};
  size_t count = 0;

  bool has(const void* address) const {
    const auto at = reinterpret_cast<uintptr_t>(address);
    return std::any_of(ranges.begin(), ranges.begin() + count,
                       [=](const auto& range) { return at >= range.first && at < range.second; });
  }
};

int add_ranges(dl_phdr_info* info, size_t, void* to) {
  auto& found = *static_cast<CodeRanges*>(to);
  const std::string_view name(info->dlpi_name);
  const bool serves =
      name.empty() || name.find("libstdc++") != name.npos || name.find("libfmt") != name.npos;
  for (int i = 0; serves && i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0 || found.count == found.ranges.size())
      continue;
    const uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    found.ranges[found.count++] = {begin, begin + part.p_memsz};
  }
  return 0;
}

const CodeRanges& our_code() {
  static const CodeRanges ranges = [] {
    CodeRanges found;
    dl_iterate_phdr(add_ranges, &found);
    return found;
  }();
  return ranges;
}

void note_place(int64_t n) {
  std::array<void*, place_calls> stack{};
  const int depth = backtrace(stack.data(), static_cast<int>(stack.size()));
  uint64_t place = 1;
  for (int i = 0; i < depth; ++i)
    place = mix_bits(place ^ reinterpret_cast<uintptr_t>(stack[static_cast<size_t>(i)]));
  for (size_t slot = place % most_places;; slot = (slot + 1) % most_places) {
    if (visits[slot] != 0 && places[slot] == place) return;
    if (visits[slot] != 0) continue;
    if (++place_count == most_places) std::abort();
    places[slot] = place, visits[slot] = n;
    return;
  }
}

void begin(Mode what, int64_t n) {
  our_code();
  std::array<void*, 1> first{};
  backtrace(first.data(), 1);  // loads what it needs
  counted = 0, failing = n, failed = false;
  mode = what;
}

}  // namespace

bool fails_now(const void* caller) noexcept {
  const Mode now = mode.load(std::memory_order_relaxed);
  if (now == Mode::none || !our_code().has(caller)) return false;
  const int64_t n = ++counted;
  if (now == Mode::note_places) {
    note_place(n);
    return false;
  }
  const bool fails = n == failing || (n > failing && now == Mode::fail_for_good);
  if (fails) failed = true;
  return fails;
}

FailingAllocation::FailingAllocation(int64_t n, bool for_good) {
  begin(for_good ? Mode::fail_for_good : Mode::fail_once, n);
}

FailingAllocation::~FailingAllocation() { mode = Mode::none; }

bool FailingAllocation::has_failed() const { return failed; }

AllocationPlaces::AllocationPlaces() {
  visits.fill(0);
  place_count = 0;
  begin(Mode::note_places, 0);
}

AllocationPlaces::~AllocationPlaces() { mode = Mode::none; }

std::vector<int64_t> AllocationPlaces::first_visits() const {
  mode = Mode::none;
  std::vector<int64_t> first;
  std::copy_if(visits.begin(), visits.end(), std::back_inserter(first),
               [](int64_t n) { return n > 0; });
  std::sort(first.begin(), first.end());
  return first;
}

int64_t AllocationPlaces::count() const { return counted; }

}  // namespace inkling::testing
