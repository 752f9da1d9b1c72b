#include "generate/repetitions.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/random.h"

namespace inkling::generate {
namespace {

// The same by its definition.
std::vector<int32_t> by_search(const std::vector<text::Token>& text, text::Token vocab_size,
                               int32_t least) {
  std::vector<int32_t> lengths(static_cast<size_t>(vocab_size));
  for (size_t end = 1; end < text.size(); ++end) {  // text[end] stands behind a place before
    int32_t n = 0;
    while (static_cast<size_t>(n) < end &&
           text[end - 1 - static_cast<size_t>(n)] == text[text.size() - 1 - static_cast<size_t>(n)])
      ++n;
    int32_t& length = lengths[static_cast<size_t>(text[end])];
    if (n >= least) length = std::max(length, n);
  }
  return lengths;
}

std::vector<int32_t> lengths_of(Repetitions& repetitions) {
  const auto lengths = repetitions.lengths();
  return {lengths.begin(), lengths.end()};
}

TEST_CASE("the length of every repetition, by the character that goes on with it") {
  Repetitions repetitions(4, 1000, 1);
  for (const text::Token token : {0, 1, 2, 3, 1, 2, 0, 1, 2}) repetitions.add(token);
  // "012" stood before, followed by 3; "12" before, followed by 0.
  CHECK(lengths_of(repetitions) == std::vector<int32_t>{2, 0, 0, 3});
  repetitions.clear();
  CHECK(lengths_of(repetitions) == std::vector<int32_t>{0, 0, 0, 0});
}

TEST_CASE("repetitions agree with a search through the text") {
  Random random(5);
  for (const int32_t least : {1, 3}) {
    Repetitions repetitions(3, 1000, least);
    std::vector<text::Token> text;
    for (int i = 0; i < 300; ++i) {
      text.push_back(static_cast<text::Token>(random.below(3)));
      repetitions.add(text.back());
      REQUIRE(lengths_of(repetitions) == by_search(text, 3, least));
    }
  }
}

TEST_CASE("repetitions are found in the window, however the text comes") {
  Random random(6);
  constexpr size_t window = 20;
  std::vector<text::Token> text;
  for (int i = 0; i < 300; ++i) text.push_back(static_cast<text::Token>(random.below(3)));
  Repetitions one_by_one(3, window, 2), at_once(3, window, 2);
  at_once.add(text);
  // Of so many, what it keeps is known: at most twice the window, the last time halved.
  for (const text::Token token : text) one_by_one.add(token);
  const std::vector<text::Token> last(text.end() - window, text.end());
  CHECK(lengths_of(at_once) == by_search(last, 3, 2));
  for (size_t kept = window; kept < 2 * window; ++kept) {
    const std::vector<text::Token> end(text.end() - static_cast<ptrdiff_t>(kept), text.end());
    if (lengths_of(one_by_one) == by_search(end, 3, 2)) return;
  }
  FAIL("nothing that it may have kept explains its answer");
}

TEST_CASE("what lies far back is forgotten") {
  Repetitions repetitions(3, 4, 1);
  const auto add = [&](const std::vector<text::Token>& text) {
    for (const text::Token token : text) repetitions.add(token);
  };
  add({0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0});
  CHECK(lengths_of(repetitions)[1] == 0);
  Repetitions none(3, 0, 1);
  none.add(0);
  none.add(0);
  none.add(0);
  CHECK(lengths_of(none) == std::vector<int32_t>{0, 0, 0});
}

}  // namespace
}  // namespace inkling::generate
