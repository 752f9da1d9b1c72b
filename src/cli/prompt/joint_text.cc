#include "cli/prompt/joint_text.h"

#include <algorithm>

#include "text/utf8.h"

namespace inkling::cli {
namespace {

// Older text has hardly any influence any more, and reading it would take longer each time. Where
// the context begins moves in steps, so that most of what was read before need not be read again.
constexpr size_t most_context = 16384;
constexpr size_t context_step = 4096;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

}  // namespace

bool JointText::goes_straight_on(std::string_view line, bool asked) const {
  return !text_.empty() && !ended_ && (asked || line.empty() || is_blank(line.front()));
}

JointText::Joint JointText::joint(std::string_view line, bool straight) const {
  if (text_.empty() || ended_) return {"", line};
  if (!goes_straight_on(line, straight)) return {text_.ends_with('\n') ? "" : "\n", line};
  if (text_.ends_with(' ') && line.starts_with(' ')) line.remove_prefix(1);
  return {"", line};
}

std::string JointText::context(std::string_view line, bool straight) const {
  const auto [between, rest] = joint(line, straight);
  std::string before = ended_ ? "" : text_.substr(origin_);
  before += between;
  const size_t size = before.size() + rest.size();
  size_t from = 0;
  if (size > most_context) {
    from = (size - most_context + context_step - 1) / context_step * context_step;
  }
  std::string context = before.substr(std::min(from, before.size()));
  context += rest.substr(from - std::min(from, before.size()));
  size_t whole = 0;
  while (from > 0 && whole < context.size() && text::continues_code_point(context[whole])) ++whole;
  context.erase(0, whole);
  return context;
}

std::string JointText::context() const { return context("", true); }

void JointText::add(std::string_view line, bool straight) {
  Turn turn{.begin = text_.size(),
            .origin_before = origin_,
            .ended_before = ended_,
            .line = std::string(line)};
  const auto [between, rest] = joint(line, straight);
  if (ended_) {
    if (!text_.ends_with('\n')) text_ += '\n';
    origin_ = text_.size();
    ended_ = false;
  }
  text_ += between;
  text_ += rest;
  turn.written = text_.size();
  turns_.push_back(std::move(turn));
}

void JointText::take_back() {
  text_.resize(turns_.back().written);
  ended_ = false;
}

std::optional<std::string> JointText::undo() {
  if (turns_.empty()) return std::nullopt;
  Turn turn = std::move(turns_.back());
  turns_.pop_back();
  text_.resize(turn.begin);
  origin_ = turn.origin_before;
  ended_ = turn.ended_before;
  return std::move(turn.line);
}

void JointText::clear() { *this = {}; }

std::string_view JointText::last_line() const {
  return turns_.empty() ? std::string_view() : std::string_view(turns_.back().line);
}

}  // namespace inkling::cli
