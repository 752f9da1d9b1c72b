#include "edit/undo_log.h"

#include <utility>

namespace inkling::edit {

bool UndoLog::melts(const Change& change, Kind kind) const {
  if (kind == Kind::single || kind != last_kind_ || done_ == 0) return false;
  const Change& last = changes_[done_ - 1];
  if (kind == Kind::deleting) return change.at + change.removed.size() == last.at;
  const bool word_begins = last.inserted.ends_with(' ') && !change.inserted.starts_with(' ');
  return change.at == last.at + last.inserted.size() && !word_begins;
}

void UndoLog::add(Change change, Kind kind) {
  const bool melt = melts(change, kind);
  changes_.resize(done_);
  if (melt) {
    Change& last = changes_.back();
    if (kind == Kind::deleting) last.at = change.at;
    last.removed.insert(0, change.removed);
    last.inserted += change.inserted;
  } else {
    changes_.push_back(std::move(change));
  }
  done_ = changes_.size();
  last_kind_ = kind;
}

const Change* UndoLog::undo() {
  part();
  return done_ == 0 ? nullptr : &changes_[--done_];
}

const Change* UndoLog::redo() {
  part();
  return done_ == changes_.size() ? nullptr : &changes_[done_++];
}

void UndoLog::clear() {
  changes_.clear();
  done_ = 0;
  part();
}

}  // namespace inkling::edit
