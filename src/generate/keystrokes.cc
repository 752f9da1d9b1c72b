#include "generate/keystrokes.h"

#include <algorithm>
#include <utility>

#include "text/utf8.h"
#include "text/word_class.h"

namespace inkling::generate {
namespace {

bool goes_on_in_word(std::string_view rest) {
  if (rest.empty()) return false;
  size_t at = 0;
  switch (text::word_class(text::next_code_point(rest, at))) {
    case text::WordClass::extend:
    case text::WordClass::letter:
    case text::WordClass::hebrew:
    case text::WordClass::hangul:
    case text::WordClass::number:
      return true;
    default:
      return false;
  }
}

// The bytes that accepting a suggestion types before `rest`, the text that is to come; 0 where it
// is not right.
size_t accepted_bytes(std::string_view suggestion, std::string_view rest) {
  if (suggestion.empty() || !rest.starts_with(suggestion)) return 0;
  rest.remove_prefix(suggestion.size());
  if (goes_on_in_word(rest)) return 0;
  return suggestion.size() + (rest.starts_with(' ') ? 1 : 0);
}

// A typist: how far, and what suggestions the text so far could still turn out to be, had it not
// gone on with others.
class Typist {
 public:
  explicit Typist(int shown) : shown_(static_cast<size_t>(shown)) {}

  size_t at() const { return at_; }
  // How many suggestions are asked for, so that enough are left without those passed over.
  size_t wanted() const { return shown_ + passed_over_.size(); }

  // One key: the next character, of so many bytes, or more by a suggestion. is_character(bytes): a
  // character of the text begins behind so many.
  void press(std::string_view rest, const std::vector<std::string>& suggested, size_t character,
             const std::function<bool(size_t)>& begins_character) {
    size_t bytes = character, shown = 0;
    std::vector<std::string> passed_over = passed_over_;
    for (const std::string& suggestion : suggested) {
      if (shown == shown_) break;
      if (std::find(passed_over_.begin(), passed_over_.end(), suggestion) != passed_over_.end())
        continue;
      ++shown;
      passed_over.push_back(suggestion);
      const size_t accepted = accepted_bytes(suggestion, rest);
      // What ends within a character cannot be compared with the text.
      if (accepted > bytes && begins_character(accepted)) bytes = accepted;
    }
    at_ += bytes;
    const std::string_view typed = rest.substr(0, bytes);
    passed_over_.clear();
    for (const std::string& suggestion : passed_over) {
      if (suggestion.size() > bytes && suggestion.starts_with(typed))
        passed_over_.push_back(suggestion.substr(bytes));
    }
  }

 private:
  size_t shown_, at_ = 0;
  std::vector<std::string> passed_over_;  // without what is typed of them
};

}  // namespace

Keystrokes::Keystrokes(std::vector<int> shown)
    : shown_(std::move(shown)), found_(static_cast<size_t>(shown_.back())) {}

void Keystrokes::type(std::string_view text, const Suggest& suggest,
                      const std::function<void(int64_t characters)>& progress) {
  // Of each byte where a character begins: its number, and the word that begins there.
  std::vector<int64_t> number(text.size() + 1, -1);
  std::vector<std::string_view> word(text.size() + 1);
  const std::vector<text::Segment> clusters = breaker_.clusters(text);
  for (size_t i = 0; i < clusters.size(); ++i)
    number[static_cast<size_t>(clusters[i].begin)] = static_cast<int64_t>(i);
  number[text.size()] = static_cast<int64_t>(clusters.size());
  for (const text::Segment& s : breaker_.words(text)) {
    const auto begin = static_cast<size_t>(s.begin);
    if (s.is_word) word[begin] = text.substr(begin, static_cast<size_t>(s.end - s.begin));
  }

  const auto first_block = static_cast<int64_t>(blocks_.size());
  const auto count = static_cast<int64_t>(clusters.size());
  for (int64_t begin = 0; begin < count; begin += block_size)
    blocks_.push_back({std::min(block_size, count - begin), std::vector<int64_t>(shown_.size())});

  std::vector<Typist> typists(shown_.begin(), shown_.end());
  for (const text::Segment& cluster : clusters) {
    const auto at = static_cast<size_t>(cluster.begin);
    size_t wanted = word[at].empty() ? 0 : static_cast<size_t>(shown_.back());
    for (const Typist& typist : typists) {
      if (typist.at() == at) wanted = std::max(wanted, typist.wanted());
    }
    if (wanted == 0) continue;
    const std::vector<std::string> suggested =
        suggest(text.substr(0, at), static_cast<int>(wanted));
    if (!word[at].empty()) {
      ++words_;
      const auto found = std::find(suggested.begin(), suggested.end(), word[at]);
      const auto place = static_cast<size_t>(found - suggested.begin());
      if (found != suggested.end() && place < found_.size()) ++found_[place];
    }
    const int64_t place = number[at];
    Block& block = blocks_[static_cast<size_t>(first_block + place / block_size)];
    for (size_t i = 0; i < typists.size(); ++i) {
      if (typists[i].at() != at) continue;
      typists[i].press(text.substr(at), suggested, static_cast<size_t>(cluster.end - cluster.begin),
                       [&](size_t bytes) { return number[at + bytes] >= 0; });
      ++block.keys[i];
    }
    if (progress) progress(place + 1);
  }
}

Keystrokes::Block Keystrokes::total() const {
  Block sum{0, std::vector<int64_t>(shown_.size())};
  for (const Block& block : blocks_) {
    sum.characters += block.characters;
    for (size_t i = 0; i < shown_.size(); ++i) sum.keys[i] += block.keys[i];
  }
  return sum;
}

double Keystrokes::saved(size_t i) const {
  const Block sum = total();
  return 1 - static_cast<double>(sum.keys[i]) / static_cast<double>(sum.characters);
}

double Keystrokes::accuracy(int n) const {
  int64_t found = 0;
  for (int i = 0; i < n; ++i) found += found_[static_cast<size_t>(i)];
  return static_cast<double>(found) / static_cast<double>(words_);
}

std::vector<std::string> suggestions_of(Completer& completer, std::string_view typed, int count) {
  std::vector<std::string> inserts;
  for (const Completion& c : completer.complete(typed, {.k = count + 1}).completions) {
    if (!c.insert.empty()) inserts.push_back(c.insert);
  }
  inserts.resize(std::min(inserts.size(), static_cast<size_t>(count)));
  return inserts;
}

}  // namespace inkling::generate
