#include "generate/novelty.h"

#include <algorithm>

#include "generate/suffix_automaton.h"
#include "text/words.h"

namespace inkling::generate {
namespace {

using Matches = std::vector<SuffixAutomaton::Match>;

constexpr size_t group_bytes = 200'000;  // texts that run against the corpus together

// A passage whose line is not known yet.
struct Found {
  Passage passage;
  int32_t source = 0;
  int64_t at = 0;  // in the source, normalised
};

// One text's passages, from what was found behind each of its bytes.
class PassageFinder {
 public:
  PassageFinder(const std::string& text, text::WordBreaker& breaker)
      : words_(breaker.words(text)), clusters_before_(text.size() + 1) {
    size_t at = 0;
    int64_t count = 0;
    for (const text::Segment& cluster : breaker.clusters(text)) {
      for (; at < static_cast<size_t>(cluster.end); ++at) clusters_before_[at] = count;
      ++count;
    }
    clusters_before_[text.size()] = count;
  }

  int64_t characters(int64_t begin, int64_t end) const {
    return clusters_before_[static_cast<size_t>(end)] -
           clusters_before_[static_cast<size_t>(begin)];
  }

  // All, the shortest too, but none within another.
  std::vector<Found> find(const Matches& matches) const {
    std::vector<Found> all;
    for (size_t i = 0; i < matches.size(); ++i) {
      const SuffixAutomaton::Match& match = matches[i];
      const bool goes_on = i + 1 < matches.size() && matches[i + 1].length == match.length + 1;
      if (match.length == 0 || goes_on) continue;
      const auto end = static_cast<int64_t>(i) + 1;
      const Found found = whole_words(end - match.length, end, match);
      if (found.passage.words == 0) continue;
      while (!all.empty() && found.passage.begin <= all.back().passage.begin) all.pop_back();
      if (all.empty() || found.passage.end > all.back().passage.end) all.push_back(found);
    }
    return all;
  }

 private:
  // What is left of [begin, end) from its first whole word to its last, and the punctuation
  // between.
  Found whole_words(int64_t begin, int64_t end, const SuffixAutomaton::Match& match) const {
    Found found;
    found.source = match.source;
    auto word = std::lower_bound(words_.begin(), words_.end(), begin,
                                 [](const text::Segment& s, int64_t at) { return s.begin < at; });
    for (; word != words_.end() && word->end <= end; ++word) {
      if (!word->is_word) continue;
      if (found.passage.words++ == 0) found.passage.begin = word->begin;
      found.passage.end = word->end;
    }
    found.passage.characters = characters(found.passage.begin, found.passage.end);
    found.at = match.end - (end - found.passage.begin);
    return found;
  }

  std::vector<text::Segment> words_;
  std::vector<int64_t> clusters_before_;  // [bytes + 1]
};

Novelty judge(const std::string& text, const Matches& matches, text::WordBreaker& breaker,
              int64_t least, std::vector<Found>& kept) {  // kept: the longest, then the passages
  const PassageFinder finder(text, breaker);
  std::vector<Found> all = finder.find(matches);
  Novelty novelty;
  novelty.characters = finder.characters(0, static_cast<int64_t>(text.size()));
  kept.clear();
  const auto longest = std::max_element(all.begin(), all.end(), [](const Found& a, const Found& b) {
    return a.passage.characters < b.passage.characters;
  });
  if (longest != all.end()) kept.push_back(*longest);
  int64_t covered = 0;
  for (const Found& found : all) {
    if (found.passage.characters < least) continue;
    kept.push_back(found);
    novelty.copied += finder.characters(std::max(covered, found.passage.begin), found.passage.end);
    covered = found.passage.end;
  }
  return novelty;
}

// The texts [first, last), compared with the corpus in one pass.
void compare_group(std::span<const std::string> texts, std::span<const text::SourceText> corpus,
                   const text::Tokenizer& tokenizer, int64_t least, std::vector<Novelty>& results) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  SuffixAutomaton automaton(views);
  for (size_t s = 0; s < corpus.size(); ++s)
    automaton.look_in(tokenizer.normalize(corpus[s].text), static_cast<int32_t>(s));
  text::WordBreaker breaker;
  const std::vector<Matches> matches = automaton.matches();
  std::vector<std::vector<Found>> kept(texts.size());
  const size_t first = results.size();
  std::vector<bool> needed(corpus.size());
  for (size_t t = 0; t < texts.size(); ++t) {
    results.push_back(judge(texts[t], matches[t], breaker, least, kept[t]));
    for (const Found& found : kept[t]) needed[static_cast<size_t>(found.source)] = true;
  }
  for (size_t s = 0; s < corpus.size(); ++s) {
    if (!needed[s]) continue;
    const std::string source = tokenizer.normalize(corpus[s].text);
    for (std::vector<Found>& of_text : kept) {
      for (Found& found : of_text) {
        if (found.source != static_cast<int32_t>(s)) continue;
        found.passage.source = corpus[s].name;
        found.passage.line = 1 + std::count(source.begin(), source.begin() + found.at, '\n');
      }
    }
  }
  for (size_t t = 0; t < texts.size(); ++t) {
    Novelty& novelty = results[first + t];
    for (const Found& found : kept[t]) {
      if (novelty.longest) {
        novelty.passages.push_back(found.passage);
      } else {
        novelty.longest = found.passage;
      }
    }
  }
}

}  // namespace

std::vector<Novelty> compare_with_corpus(std::span<const std::string> texts,
                                         std::span<const text::SourceText> corpus,
                                         const text::Tokenizer& tokenizer, int64_t least) {
  std::vector<Novelty> results;
  for (size_t first = 0; first < texts.size();) {
    size_t last = first, bytes = 0;
    while (last < texts.size() && (last == first || bytes + texts[last].size() <= group_bytes))
      bytes += texts[last++].size();
    compare_group(texts.subspan(first, last - first), corpus, tokenizer, least, results);
    first = last;
  }
  return results;
}

}  // namespace inkling::generate
