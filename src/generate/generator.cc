#include "generate/generator.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/random.h"
#include "generate/beam_search.h"
#include "generate/prompt.h"
#include "generate/slot_pool.h"
#include "generate/text_in_progress.h"

namespace inkling::generate {
namespace {

constexpr size_t most_at_once = 64;  // texts: more make no step of the model cheaper

// Hands texts that are written side by side to a sink one after another. Only those behind the
// first are kept.
class InOrder {
 public:
  explicit InOrder(const TextsSink& sink) : sink_(sink) {}

  void begin() { kept_.emplace_back(); }
  bool piece(uint64_t index, std::string_view text) {
    if (index == first_) {
      sink_.piece(index, text);
    } else {
      kept_[index - first_].text += text;
    }
    return true;
  }
  void end(uint64_t index, const Written& written) {
    kept_[index - first_].written = written;
    while (!kept_.empty() && kept_.front().written) {
      sink_.end(first_++, *kept_.front().written);
      kept_.pop_front();
      if (!kept_.empty() && !kept_.front().text.empty())
        sink_.piece(first_, std::exchange(kept_.front().text, {}));
    }
  }
  // Begun and not yet handed on: what is kept is bounded by it.
  size_t waiting() const { return kept_.size(); }

 private:
  struct Text {
    std::string text;
    std::optional<Written> written;
  };
  const TextsSink& sink_;
  std::deque<Text> kept_;  // from first_ on
  uint64_t first_ = 0;
};

// A text, and where the model holds it.
struct Placed {
  TextInProgress text;
  uint64_t index;
  int64_t slot;
};

}  // namespace

Generator::Generator(NextCharacter& model, const SamplingOptions& sampling,
                     const GenerateOptions& options, uint64_t seed)
    : model_(model),
      sampler_(sampling, model.tokenizer(), model.validation_bits()),
      options_(options),
      beam_(sampling.beam),
      seed_(seed),
      logits_(static_cast<size_t>(model.vocabulary().size())) {
  options_.validate();
  if (beam_ > 0 && options_.count > beam_) {
    usage_error("--beam {} finds at most {} texts; lower --count or raise --beam", beam_, beam_);
  }
}

// The sampler that has accepted the prompt; the model has read it in slot 0.
Sampler Generator::read(std::string_view prompt) {
  const std::vector<text::Token> tokens = prompt_tokens(model_.tokenizer(), prompt);
  Sampler sampler = sampler_;
  for (const text::Token token : tokens) sampler.accept(token);
  if (reader_) {
    reader_->read(tokens);
    const ReadPoint end = reader_->end();
    model_.copy(end.slot, 0);
    std::copy(end.logits.begin(), end.logits.end(), logits_.begin());
    return sampler;
  }
  model_.reset(0);
  model_.read(0, tokens, logits_);
  return sampler;
}

Outlet Generator::outlet(std::string_view prompt) const {
  return {options_, model_.tokenizer().normalize(prompt), model_.tokenizer()};
}

std::vector<BeamText> Generator::search(std::string_view prompt) {
  const Sampler sampler = read(prompt);
  return beam_search(model_, logits_, sampler, outlet(prompt), options_.limit(), beam_);
}

Written Generator::write(std::string_view prompt, uint64_t index, const TextSink& sink) {
  if (beam_ > 0) {
    const BeamText best = search(prompt).front();
    if (!best.text.empty() && !sink(best.text)) return {Ending::asked, best.written.characters};
    return best.written;
  }
  TextInProgress text(read(prompt), outlet(prompt), model_.vocabulary(), options_.limit(),
                      Random(seed_, index), sink);
  text.watch(watcher_);
  const int64_t slot = 0;
  while (const auto token = text.go_on(logits_)) model_.step({&slot, 1}, {&*token, 1}, logits_);
  return text.finish();
}

void Generator::write_all(std::string_view prompt, const TextsSink& sink) {
  const auto count = static_cast<uint64_t>(options_.count);
  InOrder ordered(sink);
  if (beam_ > 0) {
    uint64_t index = 0;
    for (const BeamText& found : search(prompt)) {
      if (index == count) return;
      ordered.begin();
      if (!found.text.empty()) ordered.piece(index, found.text);
      ordered.end(index++, found.written);
    }
    return;
  }
  const Sampler sampler = read(prompt);
  const Outlet fresh = outlet(prompt);
  SlotPool slots(model_);
  std::vector<Placed> texts;
  std::vector<int64_t> rows;
  std::vector<text::Token> tokens;
  const auto vocab_size = logits_.size();
  std::vector<float> logits(std::min<size_t>(count, most_at_once) * vocab_size);
  uint64_t begun = 0;
  const auto go_on = [&](Placed& placed, std::span<const float> next) {
    const auto token = placed.text.go_on(next);
    if (token) {
      rows.push_back(placed.slot);
      tokens.push_back(*token);
      return true;
    }
    ordered.end(placed.index, placed.text.finish());
    slots.release(placed.slot);
    return false;
  };
  while (true) {
    std::vector<Placed> going_on;
    const size_t stepped = rows.size();
    rows.clear(), tokens.clear();
    for (size_t i = 0; i < stepped; ++i) {
      if (go_on(texts[i], {logits.data() + i * vocab_size, vocab_size}))
        going_on.push_back(std::move(texts[i]));
    }
    while (begun < count && going_on.size() < most_at_once &&
           ordered.waiting() < 4 * most_at_once) {
      const uint64_t index = begun++;
      ordered.begin();
      Placed placed{
          {sampler, fresh, model_.vocabulary(), options_.limit(), Random(seed_, index),
           [&ordered, index](std::string_view piece) { return ordered.piece(index, piece); }},
          index,
          slots.acquire()};
      model_.copy(0, placed.slot);
      if (go_on(placed, logits_)) going_on.push_back(std::move(placed));
    }
    texts = std::move(going_on);
    if (texts.empty()) return;
    model_.step(rows, tokens, std::span(logits).first(texts.size() * vocab_size));
  }
}

}  // namespace inkling::generate
