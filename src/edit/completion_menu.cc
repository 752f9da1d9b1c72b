#include "edit/completion_menu.h"

#include <algorithm>
#include <utility>

#include "text/caret.h"

namespace inkling::edit {
namespace {

std::string common_begin(const std::vector<Completions::Candidate>& candidates) {
  std::string common = candidates.front().text;
  for (const auto& candidate : candidates) {
    const auto [end, ignored] =
        std::mismatch(common.begin(), common.end(), candidate.text.begin(), candidate.text.end());
    common.erase(end, common.end());
  }
  // Not half a character.
  return common.substr(0, text::cluster_boundary(candidates.front().text, common.size()));
}

}  // namespace

void CompletionMenu::open(Completions completions, TextBuffer& buffer) {
  completions_ = std::move(completions);
  chosen_.reset();
  const std::string common = common_begin(completions_.candidates);
  const size_t begun = buffer.cursor() - completions_.begin;
  if (common.size() > begun || completions_.candidates.size() == 1) {
    buffer.replace(completions_.begin, buffer.cursor(), common);
    if (completions_.candidates.size() == 1) close();
  } else {
    next(buffer);
  }
}

void CompletionMenu::next(TextBuffer& buffer) {
  chosen_ = chosen_ ? (*chosen_ + 1) % completions_.candidates.size() : 0;
  write(buffer);
}

void CompletionMenu::previous(TextBuffer& buffer) {
  const size_t count = completions_.candidates.size();
  chosen_ = (chosen_.value_or(0) + count - 1) % count;
  write(buffer);
}

void CompletionMenu::write(TextBuffer& buffer) {
  buffer.replace(completions_.begin, buffer.cursor(), completions_.candidates[*chosen_].text);
}

std::vector<View::Item> CompletionMenu::strip() const {
  std::vector<View::Item> items;
  for (size_t i = 0; i < completions_.candidates.size(); ++i) {
    const auto& candidate = completions_.candidates[i];
    items.push_back({candidate.label.empty() ? candidate.text : candidate.label, "", chosen_ == i});
  }
  return items;
}

std::string CompletionMenu::meaning() const {
  return chosen_ ? completions_.candidates[*chosen_].meaning : "";
}

}  // namespace inkling::edit
