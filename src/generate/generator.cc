#include "generate/generator.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "generate/beam_search.h"
#include "generate/prompt.h"
#include "generate/recent_text.h"
#include "generate/text_in_progress.h"
#include "generate/texts_in_progress.h"

namespace inkling::generate {

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
  Sampler sampler = sampler_;
  sampler.accept(model_.tokenizer().encode(prompt).tokens);
  const std::vector<text::Token> tokens = prompt_tokens(model_.tokenizer(), recent_text(prompt));
  if (reader_) {
    reader_->read(tokens);
    const ReadPoint end = reader_->end();
    model_.copy(end.slot, 0);
    std::copy(end.logits.begin(), end.logits.end(), logits_.begin());
  } else {
    model_.reset(0);
    model_.read(0, tokens, logits_);
  }
  if (prompt.empty()) read_empty_lines(tokens.back());
  return sampler;
}

// A text that begins behind a line feed does not begin with the empty lines that most likely
// follow there: they are read, not written.
void Generator::read_empty_lines(text::Token start) {
  constexpr int most = 2;
  if (!model_.vocabulary().ends_line(start)) return;
  const auto is_likeliest = [&] {
    return std::max_element(logits_.begin(), logits_.end()) - logits_.begin() == start;
  };
  const int64_t slot = 0;
  for (int i = 0; i < most && is_likeliest(); ++i) model_.step({&slot, 1}, {&start, 1}, logits_);
}

Outlet Generator::outlet(std::string_view prompt) const {
  return {options_, model_.tokenizer().normalize(prompt), model_.tokenizer()};
}

std::vector<BeamText> Generator::search(std::string_view prompt) {
  const Sampler sampler = read(prompt);
  return beam_search(model_, logits_, sampler, outlet(prompt), options_.limit(), beam_,
                     should_stop_);
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
  if (beam_ > 0) {
    uint64_t index = 0;
    for (const BeamText& found : search(prompt)) {
      if (index == count) return;
      if (!found.text.empty()) sink.piece(index, found.text);
      sink.end(index++, found.written);
    }
    return;
  }
  const Sampler sampler = read(prompt);
  const Outlet fresh = outlet(prompt);
  const auto make = [&](uint64_t index, TextSink text_sink) {
    return TextInProgress(sampler, fresh, model_.vocabulary(), options_.limit(),
                          Random(seed_, index), std::move(text_sink));
  };
  TextsInProgress texts(model_, logits_, count, make, sink);
  while (texts.go_on()) {
  }
}

}  // namespace inkling::generate
