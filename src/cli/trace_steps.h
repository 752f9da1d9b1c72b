#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/language_model.h"
#include "nn/precision.h"

namespace inkling::cli {

// What a model is and expects after it has read one more piece of a text.
struct TraceStep {
  struct Guess {
    std::string text;
    double probability = 0;
  };
  std::string input;            // the character or word just read; "<end>" for a document's end
  std::vector<float> hidden;    // what the head sees, [head_input_size]
  std::vector<Guess> best;      // what may come next, most likely first
  std::string came;             // what really came; "" behind the last
  double came_probability = 0;  // a word's with what stands before it, not with its end

  double hidden_norm() const;
};

// A step for each character, with the three most likely next ones.
std::vector<TraceStep> trace_characters(const model::LanguageModel& model, std::string_view text,
                                        nn::Precision precision, int threads);
// A step for each word, with the most likely next word.
std::vector<TraceStep> trace_words(const model::LanguageModel& model, std::string_view text,
                                   nn::Precision precision, int threads);

}  // namespace inkling::cli
