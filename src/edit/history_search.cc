#include "edit/history_search.h"

#include <algorithm>

#include "text/caret.h"

namespace inkling::edit {

void HistorySearch::look(size_t before) {
  const size_t at = history_.find_before(before, query_);
  failed_ = at == history_.entries().size();
  if (!failed_) found_ = at;
}

void HistorySearch::type(std::string_view text) {
  query_ += text;
  look(found() ? found_ + 1 : found_);
}

void HistorySearch::backspace() {
  query_.resize(text::previous_cluster(query_, query_.size()));
  found_ = history_.entries().size();
  failed_ = false;
  if (!query_.empty()) look(found_);
}

void HistorySearch::older() {
  if (!query_.empty()) look(found_);
}

void HistorySearch::newer() {
  if (query_.empty() || !found()) return;
  const size_t at = history_.find_after(found_, query_);
  failed_ = at == history_.entries().size();
  if (!failed_) found_ = at;
}

size_t HistorySearch::match_end() const {
  const size_t at = entry().rfind(query_);
  return at == std::string::npos ? entry().size() : at + query_.size();
}

}  // namespace inkling::edit
