#include "cli/prompt/joint_text.h"

#include <algorithm>
#include <utility>

#include "generate/recent_text.h"

namespace inkling::cli {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

}  // namespace

std::string_view last_row(std::string_view text) {
  const size_t feed = text.rfind('\n');
  return feed == std::string_view::npos ? text : text.substr(feed + 1);
}

std::string_view tail_of(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return last_row(text);
}

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
  std::string context = ended_ ? "" : text_.substr(origin_);
  context += between;
  context += rest;
  context.erase(0, context.size() - generate::recent_text(context).size());
  return context;
}

std::string JointText::context() const { return context("", true); }

void JointText::add(std::string_view line, bool straight) {
  Turn turn{.begin = text_.size(),
            .origin_before = origin_,
            .ended_before = ended_,
            .line = {std::string(line), straight}};
  const auto [between, rest] = joint(line, straight);
  if (ended_) {
    text_.append(gap_ - std::min(gap_, text_.size() - text_.find_last_not_of('\n') - 1), '\n');
    origin_ = text_.size();
    ended_ = false;
  }
  text_ += between;
  text_ += rest;
  turn.written = text_.size();
  turns_.push_back(std::move(turn));
}

void JointText::take_back() {
  Turn& turn = turns_.back();
  if (text_.size() > turn.written) turn.taken_back.push_back({text_.substr(turn.written), ended_});
  text_.resize(turn.written);
  ended_ = false;
}

bool JointText::bring_back() {
  if (turns_.empty() || turns_.back().taken_back.empty()) return false;
  Turn& turn = turns_.back();
  text_.resize(turn.written);
  text_ += turn.taken_back.back().text;
  ended_ = turn.taken_back.back().ended;
  turn.taken_back.pop_back();
  return true;
}

std::optional<JointText::Line> JointText::undo() {
  if (turns_.empty()) return std::nullopt;
  Turn turn = std::move(turns_.back());
  turns_.pop_back();
  text_.resize(turn.begin);
  origin_ = turn.origin_before;
  ended_ = turn.ended_before;
  return std::move(turn.line);
}

void JointText::clear() { *this = {}; }

void JointText::open(std::string text) {
  clear();
  text_ = std::move(text);
}

std::string_view JointText::last_line() const {
  return turns_.empty() ? std::string_view() : std::string_view(turns_.back().line.text);
}

}  // namespace inkling::cli
