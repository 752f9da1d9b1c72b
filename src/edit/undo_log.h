#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace inkling::edit {

// One change of a text: at a byte offset, `removed` gave way to `inserted`.
struct Change {
  size_t at = 0;
  std::string removed{};
  std::string inserted{};
  size_t cursor_before = 0;
};

// The changes of a text, to be taken back and made again. What is typed letter by letter is taken
// back word by word.
class UndoLog {
 public:
  // How a change may melt into the one before.
  enum class Kind { typing, deleting, single };

  void add(Change change, Kind kind);
  // The next change begins anew, whatever its kind.
  void part() { last_kind_ = Kind::single; }
  // The change to take back, or to make again; nullptr where there is none.
  const Change* undo();
  const Change* redo();
  void clear();

 private:
  bool melts(const Change& change, Kind kind) const;

  std::vector<Change> changes_;
  size_t done_ = 0;  // changes_ from here on were taken back
  Kind last_kind_ = Kind::single;
};

}  // namespace inkling::edit
