#include "generate/word_at_end.h"

#include <vector>

#include "text/utf8.h"

namespace inkling::generate {
namespace {

// Nothing before white space matters, and little that is further back than this; a dictionary
// hardly looks back over so many words that it has found.
constexpr size_t longest_tail = 96;
constexpr size_t most_segments = 5;

std::string_view cut_tail(std::string_view text) {
  const size_t space = text.find_last_of(" \t\n\v\f\r");
  if (space != std::string_view::npos) text.remove_prefix(space + 1);
  if (text.size() > longest_tail) text.remove_prefix(text.size() - longest_tail);
  while (!text.empty() && text::continues_code_point(text.front())) text.remove_prefix(1);
  return text;
}

// The state that one segment, or a word and the segment behind it, leads to.
WordState state_after(std::string_view text) {
  WordState state = WordState::outside;
  for (size_t at = 0; at < text.size();) {
    state = word_step(state, text::word_class(text::next_code_point(text, at))).next;
  }
  return state;
}

WordAtEnd word_at_end_of_whole(std::string_view text, text::WordBreaker& breaker) {
  WordAtEnd result{.tail = std::string(cut_tail(text))};
  std::vector<text::Segment> segments = breaker.words(result.tail);
  if (segments.empty()) return result;
  if (segments.size() > most_segments) {
    const int64_t cut = segments[segments.size() - most_segments].begin;
    result.tail.erase(0, static_cast<size_t>(cut));
    segments.erase(segments.begin(), segments.end() - most_segments);
    for (text::Segment& segment : segments) segment.begin -= cut, segment.end -= cut;
  }
  const auto state_from = [&](const text::Segment& segment) {
    result.begin = static_cast<size_t>(segment.begin);
    result.end = static_cast<size_t>(segment.end);
    return state_after(std::string_view(result.tail).substr(result.begin));
  };

  const bool behind = !segments.back().is_word && segments.size() > 1;
  if (behind && segments[segments.size() - 2].is_word) {
    const WordState state = state_from(segments[segments.size() - 2]);
    if (behind_word(state)) {
      result.state = state;
      return result;
    }
  }
  const WordState state = state_from(segments.back());
  const bool lone = state == WordState::lone_underscore;
  if (segments.back().is_word ? in_word(state) : lone) result.state = state;
  return result;
}

}  // namespace

WordAtEnd word_at_end(std::string_view text, text::WordBreaker& breaker) {
  const size_t whole = text::without_begun_code_point(text);
  WordAtEnd result = word_at_end_of_whole(text.substr(0, whole), breaker);
  result.tail += text.substr(whole);
  result.begun_bytes = text.size() - whole;
  return result;
}

}  // namespace inkling::generate
