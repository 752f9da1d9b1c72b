#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "generate/next_character.h"
#include "text/tokenizer.h"
#include "text/words.h"

namespace inkling::testing {

// A vocabulary of these characters, in the order of their bytes.
inline text::Tokenizer make_tokenizer(const std::vector<std::string>& characters,
                                      bool has_end = false,
                                      text::Unit unit = text::Unit::grapheme) {
  std::vector<text::Vocabulary::Entry> entries;
  entries.reserve(characters.size());
  for (const std::string& character : characters) entries.push_back({character, 1});
  text::TextOptions options{.unit = unit};
  if (has_end) options.documents = text::Documents::line;
  if (unit == text::Unit::byte) options.normalize = text::Normalization::none;
  const auto end_count = has_end ? std::optional<int64_t>(1) : std::nullopt;
  return {options, text::Vocabulary::from_counts(entries, 1, 0, end_count)};
}

// A language model by rule: the logits follow from the last `order` tokens that a slot has read.
class FakeNextCharacter final : public generate::NextCharacter {
 public:
  using History = std::vector<text::Token>;
  using Rule = std::function<void(const History& history, std::span<float> logits)>;

  FakeNextCharacter(text::Tokenizer tokenizer, size_t order, Rule rule)
      : tokenizer_(std::move(tokenizer)), order_(order), rule_(std::move(rule)), slots_(1) {}

  const text::Tokenizer& tokenizer() const override { return tokenizer_; }
  int64_t slots() const override { return static_cast<int64_t>(slots_.size()); }
  void resize(int64_t slots) override { slots_.resize(static_cast<size_t>(slots)); }
  void reset(int64_t slot) override { at(slot).clear(); }
  void copy(int64_t from, int64_t to) override { at(to) = at(from); }
  void step(std::span<const int64_t> slots, std::span<const text::Token> tokens,
            std::span<float> logits) override {
    const auto vocab_size = static_cast<size_t>(vocabulary().size());
    stepped.push_back(slots.size());
    for (size_t i = 0; i < slots.size(); ++i) {
      const auto row = logits.subspan(i * vocab_size, vocab_size);
      read(slots[i], tokens.subspan(i, 1), row);
    }
  }
  ThreadPool* threads_for(size_t /*texts*/) override { return threads_; }
  void work_on(ThreadPool& threads) { threads_ = &threads; }
  void read(int64_t slot, std::span<const text::Token> tokens, std::span<float> logits) override {
    History& history = at(slot);
    for (const text::Token token : tokens) history.push_back(token);
    if (history.size() > order_)
      history.erase(history.begin(), history.end() - static_cast<int64_t>(order_));
    if (!tokens.empty()) rule_(history, logits);
  }

  std::vector<size_t> stepped;  // how many texts each step had

 private:
  History& at(int64_t slot) { return slots_.at(static_cast<size_t>(slot)); }

  text::Tokenizer tokenizer_;
  size_t order_;
  Rule rule_;
  std::vector<History> slots_;
  ThreadPool* threads_ = nullptr;
};

// Logits that are random, but the same for the same history: normal, of standard deviation
// `spread`.
inline FakeNextCharacter random_model(const text::Tokenizer& tokenizer, uint64_t seed,
                                      size_t order = 2, double spread = 1.5) {
  return {tokenizer, order,
          [=](const FakeNextCharacter::History& history, std::span<float> logits) {
            uint64_t key = seed;
            for (const text::Token token : history)
              key = mix_bits(key ^ static_cast<uint64_t>(token + 1));
            Random random(key);
            for (float& logit : logits) logit = static_cast<float>(spread * random.normal());
          }};
}

// What followed the longest known end of the history in `text`, by frequency; other characters get
// 1e-6 of a count.
inline FakeNextCharacter counted_model(const text::Tokenizer& tokenizer, std::string_view text,
                                       size_t order) {
  using Counts = std::map<text::Token, double>;
  std::map<FakeNextCharacter::History, Counts> table;
  const std::vector<text::Token> tokens = tokenizer.encode(text).tokens;
  for (size_t i = 0; i < tokens.size(); ++i) {
    for (size_t n = 0; n <= std::min(order, i); ++n) {
      const auto end = tokens.begin() + static_cast<int64_t>(i);
      ++table[{end - static_cast<int64_t>(n), end}][tokens[i]];
    }
  }
  return {tokenizer, order, [table](FakeNextCharacter::History history, std::span<float> logits) {
            while (!table.contains(history)) history.erase(history.begin());
            std::fill(logits.begin(), logits.end(), std::log(1e-6F));
            for (const auto& [token, count] : table.at(history)) {
              logits[static_cast<size_t>(token)] = static_cast<float>(std::log(count + 1e-6));
            }
          }};
}

// Every different character of a text, as the tokenizer of `unit` cuts it.
inline text::Tokenizer tokenizer_of(std::string_view text, bool has_end = false,
                                    text::Unit unit = text::Unit::grapheme) {
  std::map<std::string, int> seen;
  if (unit == text::Unit::byte) {
    for (const char byte : text) seen[std::string(1, byte)];
  } else {
    text::WordBreaker breaker;
    for (const text::Segment& s : breaker.clusters(text)) {
      seen[std::string(
          text.substr(static_cast<size_t>(s.begin), static_cast<size_t>(s.end - s.begin)))];
    }
  }
  std::vector<std::string> characters;
  characters.reserve(seen.size());
  for (const auto& [character, n] : seen) characters.push_back(character);
  return make_tokenizer(characters, has_end, unit);
}

}  // namespace inkling::testing
