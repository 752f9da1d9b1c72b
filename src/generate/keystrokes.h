#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "generate/completer.h"
#include "text/words.h"

namespace inkling::generate {

// What of a text a person would have to type who sees suggestions, and how often the next word is
// among them.
//
// The protocol. A character (grapheme cluster) costs one key. Before each key the typist sees the
// first n suggestions for the text so far, each a text to append. One is right if the text goes on
// with it and a word ends behind it (no letter, mark or number follows). The longest right one is
// accepted with one key, which types the space behind it too, where the text has one there; but not
// where that is a single character, which is typed as quickly. What the typist has passed over is
// not suggested again: others move up while the text goes on as it would have. The next word is
// looked for at the place where it begins, all before it typed and nothing of it: the suggestion
// has to be the word.
class Keystrokes {
 public:
  static constexpr int64_t block_size = 200;  // characters of text

  // shown: each n, ascending.
  explicit Keystrokes(std::vector<int> shown = {1, 3, 5});

  // What to append to the text so far, the best first, `count` if there are so many. Asked where a
  // typist is or a word begins.
  using Suggest = std::function<std::vector<std::string>(std::string_view typed, int count)>;

  // A stretch of the text, counted apart so that the spread can be seen.
  struct Block {
    int64_t characters = 0;
    std::vector<int64_t> keys{};  // for each n
  };

  const std::vector<int>& shown() const { return shown_; }

  // Types a text. progress(characters) is called now and then. May be called for many texts, one
  // after the other.
  void type(std::string_view text, const Suggest& suggest,
            const std::function<void(int64_t characters)>& progress = nullptr);

  const std::vector<Block>& blocks() const { return blocks_; }
  Block total() const;
  // The share of keys saved with shown()[i] suggestions.
  double saved(size_t i) const;
  int64_t words() const { return words_; }
  // The share of words that were among the first n suggestions where they begin.
  double accuracy(int n) const;

 private:
  std::vector<int> shown_;
  text::WordBreaker breaker_;
  std::vector<Block> blocks_;
  int64_t words_ = 0;
  std::vector<int64_t> found_;  // words that were suggestion i
};

// What a completer suggests behind a text, without the word that is finished already: `count` or
// fewer.
std::vector<std::string> suggestions_of(Completer& completer, std::string_view typed, int count);

}  // namespace inkling::generate
