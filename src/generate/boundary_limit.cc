#include "generate/boundary_limit.h"

#include <algorithm>

#include "generate/recent_text.h"

namespace inkling::generate {
namespace {

// Remembers nothing, so one does for all the texts of a thread.
text::WordBreaker& breaker() {
  thread_local text::WordBreaker one;
  return one;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

BoundaryLimit::BoundaryLimit(Kind kind, int64_t count, std::string_view prompt)
    : kind_(kind), remaining_(count) {
  if (kind_ == Kind::none) return;
  may_end_ = kind_ == Kind::words;
  prompt = recent_text(prompt);
  if (prompt.empty()) return;
  if (kind_ == Kind::words) {
    const auto space = std::find_if(prompt.rbegin(), prompt.rend(), is_space);
    text_.assign(space.base(), prompt.end());
  } else {
    const text::Segment last = breaker().sentences(prompt).back();
    text_ = prompt.substr(static_cast<size_t>(last.begin));
    may_end_ = text::may_end_sentence(text_);
  }
  prompt_end_ = shown_ = text_.size();
}

std::string BoundaryLimit::add(std::string_view text) {
  if (kind_ == Kind::none) return std::string(text);
  if (reached() || text.empty()) return {};
  text_ += text;
  may_end_ = may_end_ || text::may_end_sentence(text);
  // A long stretch without any sentence's end is not looked through again and again.
  if (!may_end_) return show_until(remaining_ > 1 ? text_.size() : text_.find_last_not_of(' ') + 1);

  size_t settled = 0;
  size_t may_show = text_.size();
  int64_t open = 0;
  for (const text::Segment& segment : segments()) {
    if (!counts(segment)) continue;
    const auto end = static_cast<size_t>(segment.end);
    if (open == 0 && has_ended(segment)) {
      settled = end;
      if (--remaining_ == 0) return show_until(last_end(segment));
    } else if (++open == remaining_) {
      may_show = last_end(segment);
      break;
    }
  }
  std::string shown = show_until(may_show);
  text_.erase(0, settled);
  shown_ -= settled;
  prompt_end_ -= std::min(prompt_end_, settled);
  if (settled > 0 && kind_ == Kind::sentences) may_end_ = text::may_end_sentence(text_);
  return shown;
}

std::string BoundaryLimit::finish() {
  if (kind_ == Kind::none || reached()) return {};
  int64_t left = remaining_;
  for (const text::Segment& segment : segments()) {
    if (!counts(segment) || --left > 0) continue;
    const auto end = static_cast<size_t>(segment.end);
    if (end == text_.size()) break;
    remaining_ = 0;
    return show_until(last_end(segment));
  }
  return show_until(text_.size());
}

// Where the last word or sentence ends, less the blanks that part a sentence from the next.
size_t BoundaryLimit::last_end(const text::Segment& segment) const {
  const auto end = static_cast<size_t>(segment.end);
  return kind_ == Kind::words ? end : text_.find_last_not_of(' ', end - 1) + 1;
}

std::vector<text::Segment> BoundaryLimit::segments() {
  return kind_ == Kind::words ? breaker().words(text_) : breaker().sentences(text_);
}

bool BoundaryLimit::counts(const text::Segment& segment) const {
  if (kind_ == Kind::words && !segment.is_word) return false;
  const auto begin = std::max(static_cast<size_t>(segment.begin), prompt_end_);
  const auto end = static_cast<size_t>(segment.end);
  return begin < end && !std::all_of(text_.begin() + static_cast<int64_t>(begin),
                                     text_.begin() + static_cast<int64_t>(end), is_space);
}

bool BoundaryLimit::has_ended(const text::Segment& segment) {
  const std::string_view rest = std::string_view(text_).substr(static_cast<size_t>(segment.end));
  if (kind_ == Kind::sentences) {
    if (text_[static_cast<size_t>(segment.end) - 1] == '\n') return true;
    const auto words = breaker().words(rest);
    return std::any_of(words.begin(), words.end(),
                       [](const text::Segment& s) { return s.is_word; });
  }
  if (rest.empty()) return false;
  return is_space(rest.front()) || breaker().clusters(rest).size() >= 2;
}

std::string BoundaryLimit::show_until(size_t end) {
  if (end <= shown_) return {};
  std::string shown = text_.substr(shown_, end - shown_);
  shown_ = end;
  return shown;
}

}  // namespace inkling::generate
