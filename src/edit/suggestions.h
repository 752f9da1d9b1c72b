#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "edit/advisor.h"
#include "edit/screen_layout.h"

namespace inkling::edit {

// The continuations on offer, one of which is the ghost behind the text.
class Suggestions {
 public:
  void clear() { advice_ = {}, chosen_ = 0, stale_ = false; }
  // A question was asked: what is on offer is the answer to a former one.
  void await() { stale_ = true; }
  void offer(Advice advice);
  // The text has gone on by this: continuations that go on so too remain, without it. A new answer
  // will come.
  void follow(std::string_view typed);
  // The text has changed otherwise: nothing is on offer until the new answer comes.
  void withdraw();

  // Round through the alternatives.
  void next();
  void previous();

  bool any() const { return !advice_.continuations.empty(); }
  // No better answer will come.
  bool settled() const { return advice_.complete && !stale_; }
  std::string_view ghost() const;
  // The ghost up to the end of its first word.
  std::string_view word() const;
  bool straight() const { return any() && advice_.continuations[chosen_].straight; }
  const std::string& note() const { return advice_.note; }
  std::vector<View::Item> strip() const;

 private:
  Advice advice_;
  size_t chosen_ = 0;
  bool stale_ = false;  // the answer to a former question
};

}  // namespace inkling::edit
