#pragma once

#include <string>
#include <vector>

#include "support/tiny_model.h"
#include "text/corpus.h"
#include "text/utf8.h"
#include "train/trainer.h"

namespace inkling::testing {

inline text::Corpus corpus_of(const std::string& text, const train::TrainOptions& options) {
  return text::make_corpus({{"text", text, 0}}, options.corpus_options());
}

// So many different Chinese characters in order, and again.
inline std::string many_characters(int32_t count, int times = 1) {
  std::string text;
  for (int i = 0; i < times; ++i) {
    for (int32_t c = 0; c < count; ++c)
      text::append_code_point(text, static_cast<char32_t>(0x4e00 + c));
  }
  return text;
}

// A network and a batch so small that a step takes a fraction of a millisecond.
inline train::TrainOptions small_options() {
  train::TrainOptions options;
  options.num_layers = 1;
  options.hidden_size = 20;
  options.batch_size = 10;
  options.bptt = 9;
  options.context = 9;
  options.steps = 12;
  options.warmup_steps = 3;
  options.learning_rate = 1e-2;
  options.threads = 1;
  options.precision = nn::Precision::f32;
  return options;
}

// The weights after training on `text`, nothing written.
inline std::vector<float> weights_trained_on(const std::string& text,
                                             const train::TrainOptions& options) {
  const text::Corpus corpus = corpus_of(text, options);
  train::Trainer trainer(options, corpus);
  trainer.run({}, {});
  return trainer.current().weights;
}

}  // namespace inkling::testing
