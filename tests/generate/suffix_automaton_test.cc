#include "generate/suffix_automaton.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/random.h"

namespace inkling::generate {
namespace {

std::string random_text(Random& random, size_t size, uint64_t letters) {
  std::string text;
  while (text.size() < size) text += static_cast<char>('a' + random.below(letters));
  return text;
}

TEST_CASE("every end of every short text has its longest part that stands in a long one") {
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    const uint64_t letters = 1 + random.below(4);
    std::vector<std::string> texts, sources;
    for (uint64_t n = 1 + random.below(4); n > 0; --n)
      texts.push_back(random_text(random, random.below(40), letters));
    for (uint64_t n = random.below(4); n > 0; --n)
      sources.push_back(random_text(random, random.below(60), letters + 1));
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    SuffixAutomaton automaton(views);
    for (size_t s = 0; s < sources.size(); ++s)
      automaton.look_in(sources[s], static_cast<int32_t>(s));
    for (size_t t = 0; t < texts.size(); ++t) {
      const auto matches = automaton.matches()[t];
      REQUIRE(matches.size() == texts[t].size());
      for (size_t end = 1; end <= texts[t].size(); ++end) {
        size_t longest = 0;
        for (size_t n = 1; n <= end; ++n) {
          for (const std::string& source : sources) {
            if (source.find(texts[t].substr(end - n, n)) != std::string::npos) longest = n;
          }
        }
        const SuffixAutomaton::Match& match = matches[end - 1];
        REQUIRE(match.length == static_cast<int32_t>(longest));
        if (longest == 0) continue;
        // And it stands where it is said to.
        const std::string& source = sources.at(static_cast<size_t>(match.source));
        const auto begin = static_cast<size_t>(match.end) - longest;
        CHECK(source.substr(begin, longest) == texts[t].substr(end - longest, longest));
      }
    }
  }
}

TEST_CASE("no texts, empty ones, and bytes that none has") {
  SuffixAutomaton none({});
  none.look_in("abc", 0);
  const std::vector<std::string_view> texts{"", "xy"};
  SuffixAutomaton automaton(texts);
  automaton.look_in("ax\xff\x01yx", 0);
  CHECK(automaton.matches()[0].empty());
  CHECK(automaton.matches()[1][0].length == 1);
  CHECK(automaton.matches()[1][1].length == 1);
}

}  // namespace
}  // namespace inkling::generate
