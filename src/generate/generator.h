#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "generate/generate_options.h"
#include "generate/next_character.h"
#include "generate/outlet.h"
#include "generate/read_text.h"
#include "generate/sampler.h"
#include "generate/texts_in_order.h"
#include "generate/written.h"

namespace inkling::generate {

struct BeamText;

// Writes texts that go on from a prompt. The model must outlive it. Not thread-safe.
class Generator {
 public:
  // Throws UsageError, as validate() of both options and Sampler, and where more texts are wished
  // than a beam finds.
  Generator(NextCharacter& model, const SamplingOptions& sampling, const GenerateOptions& options,
            uint64_t seed);

  // Text number `index` after `prompt`, drawn with Random(seed, index): the same arguments, the
  // same text. A boundary or a stop text is seen in what follows it: some characters are then drawn
  // and not written. A code point that is half written when the text ends is left out. With a beam
  // it is the most probable text found, whatever the index. Slot 0 of the model is used, and with a
  // beam the others too.
  Written write(std::string_view prompt, uint64_t index, const TextSink& sink);

  // GenerateOptions::count texts, each as write() would write it (with a beam: the most probable
  // ones, fewer where there are no more), but many at once through the model, in its slots.
  void write_all(std::string_view prompt, const TextsSink& sink);

  // Of write() without a beam.
  void watch(DrawWatcher watcher) { watcher_ = std::move(watcher); }
  // Asked while a beam searches, before anything comes to the sink: a search that is to stop ends
  // with what it has.
  void stop_search_when(std::function<bool()> asked) { should_stop_ = std::move(asked); }
  // Prompts are read by it, so that what it has read before is not read again. It must be the same
  // model's, and outlive this.
  void read_with(ReadText& text) { reader_ = &text; }

 private:
  Sampler read(std::string_view prompt);
  void read_empty_lines(text::Token start);
  std::vector<BeamText> search(std::string_view prompt);
  Outlet outlet(std::string_view prompt) const;

  NextCharacter& model_;
  Sampler sampler_;
  GenerateOptions options_;
  int64_t beam_;
  uint64_t seed_;
  std::vector<float> logits_;  // [V] after the prompt
  DrawWatcher watcher_;
  std::function<bool()> should_stop_;
  ReadText* reader_ = nullptr;
};

}  // namespace inkling::generate
