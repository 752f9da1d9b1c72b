#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/random.h"
#include "generate/outlet.h"
#include "generate/sampler.h"
#include "generate/written.h"

namespace inkling::generate {

// One text that a model is writing: what is drawn next, and where it ends. The vocabulary must
// outlive it.
class TextInProgress {
 public:
  // sampler: has accepted the prompt. limit: characters drawn at most.
  TextInProgress(Sampler sampler, Outlet outlet, const text::Vocabulary& vocabulary, int64_t limit,
                 Random random, TextSink sink);

  void watch(DrawWatcher watcher) { watcher_ = std::move(watcher); }
  // Draws the next character from the logits [V]: what the model is to read now, or nothing where
  // the text has ended.
  std::optional<text::Token> go_on(std::span<const float> logits);
  // Writes what was held back; once, at the end.
  Written finish();

 private:
  bool may_go_on() const;
  void write(const std::string& text);

  Sampler sampler_;
  Outlet outlet_;
  const text::Vocabulary& vocabulary_;
  int64_t limit_;
  Random random_;
  TextSink sink_;
  DrawWatcher watcher_;
  int64_t drawn_ = 0;
  Ending ending_ = Ending::characters;
  bool refused_ = false;
};

}  // namespace inkling::generate
