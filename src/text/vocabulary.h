#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/character_index.h"

namespace inkling::text {

using Token = int32_t;

// The characters a model knows, in a fixed order with their counts in the training text, and after
// them the special tokens: the end of a document (only where the corpus is made of documents), then
// <unk>, always the last. Immutable; any number of threads may read it.
class Vocabulary {
 public:
  struct Entry {
    std::string character;  // UTF-8 (one raw byte for Unit::byte); unique and not empty
    int64_t count = 0;      // in the training text
    bool operator==(const Entry&) const = default;
  };

  Vocabulary() = default;
  // Entries in the order of their tokens. unknown_count: characters of the training text left out.
  // end_count: documents in the training text; nullopt = no end token. Throws DataError on a
  // doubled or empty character.
  Vocabulary(std::vector<Entry> entries, int64_t unknown_count, std::optional<int64_t> end_count);

  // From counted characters: keeps those that are `wanted` in any case, even uncounted, and of the
  // others that have count >= min_count the most frequent, up to max_vocab counted ones in all (0 =
  // no limit); orders them by their bytes.
  static Vocabulary from_counts(std::vector<Entry> counted, int64_t min_count, int64_t max_vocab,
                                std::optional<int64_t> end_count,
                                const std::vector<std::string>& wanted = {});

  // The order of frequency: the higher count first, then the smaller bytes.
  static bool more_frequent(const Entry& a, const Entry& b);

  Token size() const { return static_cast<Token>(characters() + (has_end() ? 2 : 1)); }  // V
  Token characters() const {
    return static_cast<Token>(entries_.size());
  }  // without special tokens
  Token unknown() const { return size() - 1; }
  bool has_end() const { return end_count_.has_value(); }
  Token end() const { return has_end() ? characters() : -1; }
  bool is_character(Token token) const { return token >= 0 && token < characters(); }
  // A line feed, alone or behind what belongs to it, or the end of a document.
  bool ends_line(Token token) const {
    return token == end() || (is_character(token) && text(token).ends_with('\n'));
  }

  std::optional<Token> find(std::string_view character) const {
    const Token token = index_.find(character);
    return token < 0 ? std::nullopt : std::optional(token);
  }
  // The character's bytes; "" for special tokens.
  std::string_view text(Token token) const;
  // How often the token occurred in training, special tokens included.
  int64_t count(Token token) const;
  const std::vector<Entry>& entries() const { return entries_; }
  int64_t unknown_count() const { return unknown_count_; }
  std::optional<int64_t> end_count() const { return end_count_; }

  bool operator==(const Vocabulary& other) const {
    return entries_ == other.entries_ && unknown_count_ == other.unknown_count_ &&
           end_count_ == other.end_count_;
  }

 private:
  std::vector<Entry> entries_;
  int64_t unknown_count_ = 0;
  std::optional<int64_t> end_count_;
  CharacterIndex index_;
};

}  // namespace inkling::text
