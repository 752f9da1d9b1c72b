#include "text/vocabulary.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"

namespace inkling::text {

Vocabulary::Vocabulary(std::vector<Entry> entries, int64_t unknown_count,
                       std::optional<int64_t> end_count)
    : entries_(std::move(entries)), unknown_count_(unknown_count), end_count_(end_count) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    const std::string& character = entries_[i].character;
    if (character.empty()) data_error("vocabulary: character {} is empty", i);
    if (!index_.insert(character, static_cast<Token>(i))) {
      data_error("vocabulary: characters {} and {} are the same", index_.find(character), i);
    }
  }
}

Vocabulary Vocabulary::from_counts(std::vector<Entry> counted, int64_t min_count, int64_t max_vocab,
                                   std::optional<int64_t> end_count,
                                   const std::vector<std::string>& wanted) {
  int64_t total = 0;
  size_t of_this_text = 0;  // that are kept in any case
  std::unordered_map<std::string_view, int64_t> kept_in_any_case;
  for (const std::string& character : wanted) kept_in_any_case[character] = 0;
  for (const Entry& entry : counted) {
    total += entry.count;
    const auto found = kept_in_any_case.find(entry.character);
    if (found == kept_in_any_case.end()) continue;
    found->second = entry.count;
    if (entry.count > 0) ++of_this_text;
  }
  std::erase_if(counted, [&](const Entry& entry) {
    return entry.count < min_count || kept_in_any_case.contains(entry.character);
  });
  const auto most = static_cast<size_t>(std::max<int64_t>(max_vocab, 0));
  const size_t room = most - std::min(most, of_this_text);
  if (most > 0 && counted.size() > room) {
    std::sort(counted.begin(), counted.end(), more_frequent);
    counted.resize(room);
  }
  for (const auto& [character, count] : kept_in_any_case)
    counted.push_back({std::string(character), count});
  std::sort(counted.begin(), counted.end(),
            [](const Entry& a, const Entry& b) { return a.character < b.character; });
  int64_t kept = 0;
  for (const Entry& entry : counted) kept += entry.count;
  return {std::move(counted), total - kept, end_count};
}

bool Vocabulary::more_frequent(const Entry& a, const Entry& b) {
  return a.count != b.count ? a.count > b.count : a.character < b.character;
}

std::string_view Vocabulary::text(Token token) const {
  return is_character(token) ? std::string_view(entries_[static_cast<size_t>(token)].character)
                             : "";
}

int64_t Vocabulary::count(Token token) const {
  if (is_character(token)) return entries_[static_cast<size_t>(token)].count;
  if (token == unknown()) return unknown_count_;
  return has_end() && token == end() ? *end_count_ : 0;
}

}  // namespace inkling::text
