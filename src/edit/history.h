#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace inkling::edit {

// What was written before, oldest first: in memory, and in a file where there is one. A file that
// cannot be used is no reason to stop: trouble() says why, and the history ends with the process.
class History {
 public:
  static constexpr size_t most_entries = 2000;
  static constexpr size_t longest_kept = 16 << 10;  // bytes; longer entries stay in memory alone

  // path: "" = in memory alone.
  explicit History(std::string path = "");

  // Blank entries, and one that repeats the newest, are not kept.
  void add(std::string_view entry);

  const std::vector<std::string>& entries() const { return entries_; }
  // The newest entry before index `before` that holds `part`; entries().size() where there is none.
  size_t find_before(size_t before, std::string_view part) const;
  // The oldest entry after `after`.
  size_t find_after(size_t after, std::string_view part) const;
  // "", or one sentence: why the history is not kept.
  const std::string& trouble() const { return trouble_; }

 private:
  std::string path_;
  std::vector<std::string> entries_;
  std::string trouble_;
};

}  // namespace inkling::edit
