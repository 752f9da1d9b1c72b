#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace inkling::generate {

// All that stands anywhere in a few short texts, to be looked for in long ones: the smallest
// automaton that accepts every part of them (Blumer et al. 1985). The long texts run past it, a
// step a byte, and are not kept: memory goes with the short ones alone, time with both.
class SuffixAutomaton {
 public:
  // The end of a part of the short texts that was found, by its longest occurrence.
  struct Match {
    int32_t length = 0;   // bytes; 0 = none
    int32_t source = -1;  // the number of the long text
    int64_t end = 0;      // behind it, in the long text
  };

  explicit SuffixAutomaton(std::span<const std::string_view> texts);

  // Looks for parts of the short texts in `text`, and remembers the longest.
  void look_in(std::string_view text, int32_t source);

  // For every byte of every short text the longest part that ends behind it and was found.
  std::vector<std::vector<Match>> matches() const;

 private:
  struct State {
    int32_t length = 0;  // of the longest part that ends here
    int32_t link = -1;   // the state of its longest end that stands elsewhere too
  };

  int32_t add_state(int32_t length, int32_t link);
  int32_t extend(int32_t last, int32_t symbol);
  int32_t& next(int32_t state, int32_t symbol) {
    return next_[static_cast<size_t>(state) * static_cast<size_t>(symbols_) +
                 static_cast<size_t>(symbol)];
  }

  std::array<int32_t, 256> symbol_{};  // of each byte; -1 = in none of the texts
  int32_t symbols_ = 0;
  std::vector<State> states_;
  std::vector<int32_t> next_;               // [states, symbols]; -1 = none
  std::vector<Match> best_;                 // [states]
  std::vector<std::vector<int32_t>> ends_;  // of each text, by byte: the state of all up to it
};

}  // namespace inkling::generate
