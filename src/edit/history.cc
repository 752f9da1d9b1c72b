#include "edit/history.h"

#include <utility>

#include "base/error.h"
#include "edit/history_file.h"

namespace inkling::edit {

History::History(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  try {
    entries_ = load_history(path_, most_entries);
  } catch (const Error& error) {
    trouble_ = error.what();
    path_.clear();
  }
}

void History::add(std::string_view entry) {
  if (entry.find_first_not_of(" \t\n") == std::string_view::npos) return;
  if (!entries_.empty() && entries_.back() == entry) return;
  entries_.emplace_back(entry);
  if (entries_.size() > 2 * most_entries) {
    entries_.erase(entries_.begin(), entries_.end() - most_entries);
  }
  if (path_.empty() || entry.size() > longest_kept) return;
  try {
    append_to_history(path_, entry);
  } catch (const Error& error) {
    trouble_ = error.what();
    path_.clear();
  }
}

size_t History::find_before(size_t before, std::string_view part) const {
  for (size_t i = before; i-- > 0;) {
    if (entries_[i].find(part) != std::string::npos) return i;
  }
  return entries_.size();
}

size_t History::find_after(size_t after, std::string_view part) const {
  for (size_t i = after + 1; i < entries_.size(); ++i) {
    if (entries_[i].find(part) != std::string::npos) return i;
  }
  return entries_.size();
}

}  // namespace inkling::edit
