#include "generate/suffix_automaton.h"

#include <algorithm>
#include <numeric>

namespace inkling::generate {

SuffixAutomaton::SuffixAutomaton(std::span<const std::string_view> texts) {
  symbol_.fill(-1);
  for (const std::string_view text : texts) {
    for (const char byte : text) {
      int32_t& symbol = symbol_[static_cast<unsigned char>(byte)];
      if (symbol < 0) symbol = symbols_++;
    }
  }
  add_state(0, -1);
  for (const std::string_view text : texts) {
    int32_t last = 0;  // each text begins anew: no part reaches from one into the next
    std::vector<int32_t>& ends = ends_.emplace_back();
    for (const char byte : text) {
      last = extend(last, symbol_[static_cast<unsigned char>(byte)]);
      ends.push_back(last);
    }
  }
  best_.resize(states_.size());
}

int32_t SuffixAutomaton::add_state(int32_t length, int32_t link) {
  states_.push_back({length, link});
  next_.resize(next_.size() + static_cast<size_t>(symbols_), -1);
  return static_cast<int32_t>(states_.size() - 1);
}

// The state of the text so far, of which `last` is the state, and one more symbol.
int32_t SuffixAutomaton::extend(int32_t last, int32_t symbol) {
  const auto state = [this](int32_t s) -> State& { return states_[static_cast<size_t>(s)]; };
  // The part of `from` that `symbol` lengthens by exactly one gets a state of its own.
  const auto split = [&](int32_t from, int32_t target) {
    if (state(target).length == state(from).length + 1) return target;
    const int32_t clone = add_state(state(from).length + 1, state(target).link);
    for (int32_t s = 0; s < symbols_; ++s) next(clone, s) = next(target, s);
    state(target).link = clone;
    for (int32_t s = from; s >= 0 && next(s, symbol) == target; s = state(s).link)
      next(s, symbol) = clone;
    return clone;
  };
  if (const int32_t known = next(last, symbol); known >= 0) return split(last, known);
  const int32_t fresh = add_state(state(last).length + 1, 0);
  int32_t s = last;
  for (; s >= 0 && next(s, symbol) < 0; s = state(s).link) next(s, symbol) = fresh;
  if (s >= 0) {
    const int32_t link = split(s, next(s, symbol));
    state(fresh).link = link;
  }
  return fresh;
}

void SuffixAutomaton::look_in(std::string_view text, int32_t source) {
  int32_t at = 0, length = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const int32_t symbol = symbol_[static_cast<unsigned char>(text[i])];
    if (symbol < 0) {
      at = length = 0;
      continue;
    }
    while (at > 0 && next(at, symbol) < 0) {
      at = states_[static_cast<size_t>(at)].link;
      length = states_[static_cast<size_t>(at)].length;
    }
    if (next(at, symbol) < 0) continue;
    at = next(at, symbol);
    ++length;
    Match& best = best_[static_cast<size_t>(at)];
    if (length > best.length) best = {length, source, static_cast<int64_t>(i) + 1};
  }
}

std::vector<std::vector<SuffixAutomaton::Match>> SuffixAutomaton::matches() const {
  // Where a part was found, its ends were too.
  std::vector<Match> best = best_;
  std::vector<int32_t> order(states_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [this](int32_t a, int32_t b) {
    return states_[static_cast<size_t>(a)].length > states_[static_cast<size_t>(b)].length;
  });
  for (const int32_t s : order) {
    const int32_t link = states_[static_cast<size_t>(s)].link;
    const Match& found = best[static_cast<size_t>(s)];
    if (link <= 0 || found.length == 0) continue;
    Match& end = best[static_cast<size_t>(link)];
    const int32_t length = states_[static_cast<size_t>(link)].length;
    if (length > end.length) end = {length, found.source, found.end};
  }
  std::vector<std::vector<Match>> result;
  for (const std::vector<int32_t>& ends : ends_) {
    std::vector<Match>& of_text = result.emplace_back();
    for (int32_t s : ends) {
      while (s > 0 && best[static_cast<size_t>(s)].length == 0)
        s = states_[static_cast<size_t>(s)].link;
      of_text.push_back(best[static_cast<size_t>(s)]);
    }
  }
  return result;
}

}  // namespace inkling::generate
