#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/console.h"
#include "cli/json_output.h"
#include "cli/text_scores.h"
#include "model/evaluate.h"
#include "nn/loss_sum.h"
#include "text/corpus.h"
#include "text/vocabulary.h"

namespace inkling::cli {

// How well a model predicted a text, and how that was measured.
struct Evaluation {
  const text::CorpusPart& part;
  const text::Vocabulary& vocabulary;
  std::string protocol{};
  std::string precision{};  // of the model, or of each of several
  bool adapts = false;
  size_t models = 1;
  nn::LossSum sum{};
  model::ProbabilityCheck check{};
  std::optional<double> int8_cost{};       // nats a character, beside float32
  const TextScores* lines = nullptr;       // to be shown, or not
  const TextScores* characters = nullptr;  // the same
};

// A table; where lines or characters are shown, those on standard output and the table beside it.
void print_evaluation(const Evaluation& evaluation, Console& console);

Json as_json(const Evaluation& evaluation);

}  // namespace inkling::cli
