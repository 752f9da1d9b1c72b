#include "generate/keystrokes.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace inkling::generate {
namespace {

using Suggestions = std::map<std::string, std::vector<std::string>>;  // by the text typed

Keystrokes typed(const std::string& text, const Suggestions& suggestions) {
  Keystrokes keystrokes;
  keystrokes.type(text, [&](std::string_view so_far, int) {
    const auto found = suggestions.find(std::string(so_far));
    return found == suggestions.end() ? std::vector<std::string>() : found->second;
  });
  return keystrokes;
}

TEST_CASE("keys are counted as a typist would press them") {
  struct Row {
    std::string text;
    Suggestions suggestions;
    int64_t keys[3];  // with 1, 3 and 5 suggestions
  };
  const std::vector<Row> table{
      {"", {}, {0, 0, 0}},
      {"The cat", {}, {7, 7, 7}},
      {"The cat", {{"", {"The"}}}, {4, 4, 4}},  // the space is typed too
      {"The cat", {{"", {"The"}}, {"The ", {"cat"}}}, {2, 2, 2}},
      {"The cat.", {{"The c", {"at"}}}, {7, 7, 7}},  // a full stop is not
      {"The cat", {{"The", {" cat"}}}, {4, 4, 4}},
      {"The cats", {{"The ", {"cat"}}}, {8, 8, 8}},  // no word ends there
      {"The cat", {{"The ", {"dog", "cat"}}}, {7, 5, 5}},
      {"The cat", {{"The ", {"a", "b", "c", "d", "cat"}}}, {7, 7, 5}},
      {"The cat", {{"The ", {"a", "b", "c", "d", "e", "cat"}}}, {7, 7, 7}},
      {"The cat", {{"The ca", {"t"}}}, {7, 7, 7}},        // as quickly typed
      {"The ca t", {{"The c", {"a"}}}, {7, 7, 7}},        // with its space it saves one
      {"don't go", {{"", {"don", "don't"}}}, {6, 3, 3}},  // the longest one that is shown
      {"a\u0301 b", {{"", {"a"}}}, {3, 3, 3}},            // half a character
      // What was passed over makes room for another; not where the text has left it behind.
      {"The cat", {{"The ", {"cats"}}, {"The c", {"ats", "at"}}}, {6, 6, 6}},
      {"The cat", {{"The ", {"x"}}, {"The c", {"x", "at"}}}, {7, 6, 6}},
      {"The cat",
       {{"The", {" cow"}}, {"The ", {"cow", "cat"}}, {"The c", {"ow", "at"}}},
       {5, 5, 5}},
  };
  for (const Row& row : table) {
    INFO(row.text);
    const Keystrokes keystrokes = typed(row.text, row.suggestions);
    for (size_t i = 0; i < 3; ++i) CHECK(keystrokes.total().keys[i] == row.keys[i]);
  }
}

TEST_CASE("the next word counts where it begins, whether a typist comes by or not") {
  const Keystrokes keystrokes =
      typed("One two, three four", {{"", {"One two", "One"}},
                                    {"One ", {"x", "y", "two"}},
                                    {"One two,", {" three"}},
                                    {"One two, ", {"three"}},
                                    {"One two, three ", {"f", "a", "b", "four"}}});
  CHECK(keystrokes.words() == 4);
  CHECK(keystrokes.accuracy(1) == 1 / 4.);
  CHECK(keystrokes.accuracy(3) == 3 / 4.);
  CHECK(keystrokes.accuracy(5) == 1);
}

TEST_CASE("as many suggestions are asked for as are left to show") {
  std::map<std::string, int> counts;
  Keystrokes keystrokes({1, 2});
  keystrokes.type("The cat", [&](std::string_view so_far, int count) {
    counts[std::string(so_far)] = count;
    if (so_far == "The ") return std::vector<std::string>{"cab", "car", "dog"};
    return std::vector<std::string>{"z"};
  });
  CHECK(counts["The "] == 2);
  CHECK(counts["The c"] == 4);
  CHECK(counts["The ca"] == 4);
}

TEST_CASE("blocks add up to the whole, over several texts") {
  Keystrokes keystrokes;
  const std::string text(450, 'a');
  const auto nothing = [](std::string_view, int) { return std::vector<std::string>(); };
  int64_t last = 0;
  keystrokes.type(text, nothing, [&](int64_t characters) { last = characters; });
  keystrokes.type("bb", nothing);
  CHECK(last == 450);
  REQUIRE(keystrokes.blocks().size() == 4);
  CHECK(keystrokes.blocks()[2].characters == 50);
  CHECK(keystrokes.blocks()[3].keys[1] == 2);
  CHECK(keystrokes.total().characters == 452);
  CHECK(keystrokes.saved(0) == 0);
}

}  // namespace
}  // namespace inkling::generate
