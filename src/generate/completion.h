#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace inkling::generate {

// A word that a text may go on with; or several, where CompletionOptions::words asks for them.
struct Completion {
  std::string word;    // the whole word: "mat"; of several, from the first one's begin
  std::string insert;  // what to append to the text: " mat", or "at" behind "the m". Where the
                       // text's last character turns into another, it begins with what that adds:
                       // a combining accent behind "cafe" for "café". The text with it appended,
                       // normalised as the model does, is the text with the word.
  double low = 0;      // its probability lies between low and high; exact when they are equal
  double high = 0;
  std::vector<std::string> words{};  // one by one
  bool ends = false;  // fewer words than were asked for, behind which the text ends; then low and
                      // high leave out ends that were not looked at

  double probability() const { return (low + high) / 2; }
};

struct CompletionResult {
  std::string begun;  // the word in progress that is completed; "" = the next word is
  std::vector<Completion> completions{};  // in descending order
  double open_mass = 0;    // summed probability of all that was not looked at to its end
  double no_word = 0;      // probability that the text ends without another word
  double condition = 1;    // the model's probability of what all of these take for given: behind a
                           // finished word that a space, or the end, follows
  bool proven = false;     // no other word can be among these, and their order is certain
  int64_t expansions = 0;  // prefixes that the model read
};

}  // namespace inkling::generate
