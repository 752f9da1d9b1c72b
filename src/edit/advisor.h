#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inkling::edit {

// What could follow the text.
struct Continuation {
  std::string text;       // never empty, without line feeds
  bool straight = false;  // taken into an empty text: that then goes on without a new line
  size_t first_word = 0;  // bytes up to its end, where the advisor has words of its own
};

// A word that could come, for the strip below the text.
struct Chance {
  std::string word;
  std::string note{};     // e.g. its probability
  int continuation = -1;  // the index of the one that begins with it
};

struct Advice {
  std::vector<Continuation> continuations{};  // the best first
  std::vector<Chance> chances{};
  std::string note{};    // one line about the text, e.g. the meaning of a command
  bool complete = true;  // false: a better answer to the same question will come
};

// What Tab can make of the bytes of the text from `begin` up to the cursor.
struct Completions {
  struct Candidate {
    std::string text;       // in their place
    std::string label{};    // shown for it; "" = text
    std::string meaning{};  // one line about it
  };
  size_t begin = 0;
  std::vector<Candidate> candidates{};
};

// Who knows what could come next. An Editor asks at every change, and never waits.
class Advisor {
 public:
  struct Question {
    std::string_view text;  // the cursor is at its end
    bool straight = false;  // its begin was taken from a straight continuation
  };

  virtual ~Advisor() = default;
  // Drops earlier questions; returns at once.
  virtual void ask(const Question& question) = 0;
  // Drops them and asks nothing.
  virtual void forget() = 0;
  // The newest answer to the last question, once.
  virtual std::optional<Advice> answer() = 0;
  // Can be read from when there is an answer; -1 = there never is.
  virtual int descriptor() const = 0;
  // Of commands and names of files in what stands before the cursor; nothing where the text is no
  // such thing, and then Tab takes a word of the continuation. Returns soon.
  virtual std::optional<Completions> complete(std::string_view before_cursor) = 0;
};

}  // namespace inkling::edit
