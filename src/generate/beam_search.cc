#include "generate/beam_search.h"

#include <algorithm>
#include <cmath>

#include "generate/slot_pool.h"

namespace inkling::generate {
namespace {

// A text that may still go on.
struct Hypothesis {
  Sampler sampler;
  Outlet outlet;
  std::vector<text::Token> drawn;
  std::string text;
  double log_probability = 0;
  int64_t slot = 0;
};

struct Step {
  size_t from = 0;  // hypothesis
  text::Token token = 0;
  double log_probability = 0;
};

bool more_probable(const Step& a, const Step& b) {
  if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
  return a.from != b.from ? a.from < b.from : a.token < b.token;
}

std::string_view without_feeds(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

class BeamSearch {
 public:
  BeamSearch(NextCharacter& model, int64_t limit, int64_t width)
      : model_(model),
        vocabulary_(model.vocabulary()),
        slots_(model),
        limit_(limit),
        width_(static_cast<size_t>(width)) {}

  std::vector<BeamText> run(std::span<const float> logits, const Sampler& sampler,
                            const Outlet& outlet, const std::function<bool()>& should_stop) {
    open_.push_back({sampler, outlet, {}, "", 0, 0});
    logits_.assign(logits.begin(), logits.end());
    if (limit_ == 0) finish(open_.front(), Ending::characters), open_.clear();
    while (!open_.empty() && !decided()) {
      take(best_steps());
      if (should_stop && should_stop()) {
        if (finished_.empty()) finish(open_.front(), Ending::asked);
        break;
      }
      read();
    }
    return std::move(finished_);
  }

 private:
  // Texts only lose probability as they grow.
  bool decided() const {
    return finished_.size() == width_ &&
           finished_.back().log_probability >= open_.front().log_probability;
  }

  std::vector<Step> best_steps() {
    std::vector<Step> steps;
    const auto vocab_size = static_cast<size_t>(vocabulary_.size());
    for (size_t i = 0; i < open_.size(); ++i) {
      const auto row = std::span<const float>(logits_).subspan(i * vocab_size, vocab_size);
      for (const Candidate& c : open_[i].sampler.reweighed(row)) {
        if (c.p > 0) steps.push_back({i, c.token, open_[i].log_probability + std::log(c.p)});
      }
    }
    const size_t kept = std::min(width_, steps.size());
    std::partial_sort(steps.begin(), steps.begin() + static_cast<ptrdiff_t>(kept), steps.end(),
                      more_probable);
    steps.resize(kept);
    return steps;
  }

  void take(const std::vector<Step>& steps) {
    std::vector<Hypothesis> next;
    for (const Step& step : steps) {
      Hypothesis h = open_[step.from];
      h.log_probability = step.log_probability;
      if (!vocabulary_.is_character(step.token)) {
        finish(h, Ending::end);
        continue;
      }
      h.drawn.push_back(step.token);
      h.text += h.outlet.add(vocabulary_.text(step.token));
      if (h.outlet.ending() || static_cast<int64_t>(h.drawn.size()) == limit_) {
        finish(h, Ending::characters);
        continue;
      }
      h.sampler.accept(step.token);
      h.slot = slots_.acquire();
      model_.copy(open_[step.from].slot, h.slot);
      next.push_back(std::move(h));
    }
    for (const Hypothesis& h : open_) {
      if (h.slot > 0) slots_.release(h.slot);
    }
    open_ = std::move(next);
  }

  void read() {
    std::vector<int64_t> slots;
    std::vector<text::Token> tokens;
    for (const Hypothesis& h : open_) {
      slots.push_back(h.slot);
      tokens.push_back(h.drawn.back());
    }
    logits_.resize(open_.size() * static_cast<size_t>(vocabulary_.size()));
    if (!slots.empty()) model_.step(slots, tokens, logits_);
  }

  // What lies behind an end may differ where the text is the same, but for line feeds at its end:
  // the more probable stays.
  void finish(Hypothesis& h, Ending otherwise) {
    h.text += h.outlet.finish();
    const Written written{h.outlet.ending().value_or(otherwise), h.outlet.tokens_written()};
    const auto same = std::find_if(finished_.begin(), finished_.end(), [&](const BeamText& found) {
      return without_feeds(found.text) == without_feeds(h.text);
    });
    if (same != finished_.end()) {
      if (same->log_probability >= h.log_probability) return;
      finished_.erase(same);
    }
    const auto place = std::find_if(finished_.begin(), finished_.end(), [&](const BeamText& found) {
      return found.log_probability < h.log_probability;
    });
    finished_.insert(place, {h.text, h.log_probability, written});
    if (finished_.size() > width_) finished_.pop_back();
  }

  NextCharacter& model_;
  const text::Vocabulary& vocabulary_;
  SlotPool slots_;
  const int64_t limit_;
  const size_t width_;
  std::vector<Hypothesis> open_;    // the most probable first
  std::vector<BeamText> finished_;  // the most probable first
  std::vector<float> logits_;       // [open, V]
};

}  // namespace

std::vector<BeamText> beam_search(NextCharacter& model, std::span<const float> logits,
                                  const Sampler& sampler, const Outlet& outlet, int64_t limit,
                                  int64_t width, const std::function<bool()>& should_stop) {
  return BeamSearch(model, limit, width).run(logits, sampler, outlet, should_stop);
}

}  // namespace inkling::generate
