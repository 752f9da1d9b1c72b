#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "edit/history.h"

namespace inkling::edit {

// A search through the history that goes on while its query is typed, the newest entries first.
class HistorySearch {
 public:
  explicit HistorySearch(const History& history)
      : history_(history), found_(history.entries().size()) {}

  // The query's next letters; looks from the entry that is shown on.
  void type(std::string_view text);
  void backspace();
  // To the next older, or newer, entry that has it; stays where there is none.
  void older();
  void newer();

  const std::string& query() const { return query_; }
  // Nothing has the query: what is shown has only its begin.
  bool failed() const { return failed_; }
  bool found() const { return found_ < history_.entries().size(); }
  const std::string& entry() const { return history_.entries()[found_]; }
  // Where in the entry the query ends.
  size_t match_end() const;

 private:
  void look(size_t before);

  const History& history_;
  std::string query_;
  size_t found_;
  bool failed_ = false;
};

}  // namespace inkling::edit
