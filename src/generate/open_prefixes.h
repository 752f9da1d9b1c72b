#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "generate/word_rules.h"
#include "text/vocabulary.h"

namespace inkling::generate {

// A text one character longer than one that the model has read: met, but not gone on from.
struct OpenPrefix {
  double mass = 0;        // its probability
  int32_t parent = 0;     // the prefix that it lengthens
  text::Token token = 0;  // by this
  WordStep step{};
  int32_t undecided =
      -1;  // the finished word that the mass goes to if this does not join it; -1 = none
};

// The open prefixes of a search, most probable first; equal ones in the order of parent and token.
// Remembers how much was left out.
class OpenPrefixes {
 public:
  void clear();
  void add(const OpenPrefix& open);
  // Counts a mass that nobody will look at again.
  void leave_out(double mass);

  // Takes out the best, at most n, of mass above `least`.
  std::vector<OpenPrefix> take_best(size_t n, double least);
  // Takes out the best on which the bounds of one of these words depend: until there are n that the
  // model has to read, or `asks` that only ICU's dictionary is asked about.
  std::vector<OpenPrefix> take_undecided(std::span<const int32_t> words, size_t n, size_t asks);
  // Leaves out all but the best n; calls left_out(open) for each.
  void trim(size_t n, const std::function<void(const OpenPrefix&)>& left_out);

  size_t size() const { return size_; }
  double greatest() const;  // mass of the best, those left out included; 0 = none
  double mass() const;      // of all, those left out included

 private:
  using Heap = std::vector<int32_t>;  // indices of all_, the best in front

  bool worse(int32_t a, int32_t b) const;
  void push(Heap& heap, int32_t index);
  int32_t pop(Heap& heap);
  void pass_over_taken(Heap& heap);
  const OpenPrefix& take(Heap& heap);

  std::vector<OpenPrefix> all_;
  std::vector<bool> taken_;    // beside them
  Heap heap_;                  // in front none that is taken
  std::vector<Heap> by_word_;  // the undecided ones, too
  size_t size_ = 0;            // not taken
  double left_out_mass_ = 0;
  double left_out_greatest_ = 0;
};

}  // namespace inkling::generate
