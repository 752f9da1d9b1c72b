#include "edit/suggestions.h"

#include <algorithm>
#include <utility>

#include "text/caret.h"

namespace inkling::edit {

void Suggestions::offer(Advice advice) {
  // A better answer to the same question does not move what a person has chosen.
  const std::string chosen(chosen_ > 0 && !stale_ ? word() : std::string_view());
  advice_ = std::move(advice);
  chosen_ = 0;
  stale_ = false;
  for (size_t i = 0; !chosen.empty() && i < advice_.continuations.size(); ++i) {
    if (advice_.continuations[i].text.starts_with(chosen)) {
      chosen_ = i;
      break;
    }
  }
}

void Suggestions::follow(std::string_view typed) {
  std::vector<Continuation> going_on;
  const auto keep = [&](const Continuation& continuation) {
    const std::string& text = continuation.text;
    if (text.size() > typed.size() && text.starts_with(typed)) {
      const size_t word = continuation.first_word;
      going_on.push_back(
          {.text = text.substr(typed.size()), .first_word = word - std::min(word, typed.size())});
    }
  };
  if (any()) keep(advice_.continuations[chosen_]);
  for (size_t i = 0; i < advice_.continuations.size(); ++i) {
    if (i != chosen_) keep(advice_.continuations[i]);
  }
  advice_.continuations = std::move(going_on);
  for (Chance& chance : advice_.chances) chance.continuation = -1;
  chosen_ = 0;
  stale_ = true;
}

void Suggestions::withdraw() {
  advice_.continuations.clear();
  for (Chance& chance : advice_.chances) chance.continuation = -1;
  advice_.note.clear();
  chosen_ = 0;
  stale_ = true;
}

void Suggestions::next() {
  if (any()) chosen_ = (chosen_ + 1) % advice_.continuations.size();
}

void Suggestions::previous() {
  const size_t count = advice_.continuations.size();
  if (any()) chosen_ = (chosen_ + count - 1) % count;
}

std::string_view Suggestions::ghost() const {
  return any() ? std::string_view(advice_.continuations[chosen_].text) : std::string_view();
}

std::string_view Suggestions::word() const {
  const size_t first = any() ? advice_.continuations[chosen_].first_word : 0;
  return ghost().substr(0, first > 0 ? first : text::next_word_end(ghost(), 0));
}

std::vector<View::Item> Suggestions::strip() const {
  std::vector<View::Item> items;
  for (const Chance& chance : advice_.chances) {
    items.push_back(
        {chance.word, chance.note, any() && chance.continuation == static_cast<int>(chosen_)});
  }
  return items;
}

}  // namespace inkling::edit
