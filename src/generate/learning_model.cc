#include "generate/learning_model.h"

#include <fmt/format.h>

#include <limits>
#include <vector>

namespace inkling::generate {

LearningModel::LearningModel(const model::LanguageModel& trained,
                             const model::AdaptOptions& options, nn::Precision precision,
                             int threads)
    : adaptive_(trained, options, threads), next_(adaptive_.model(), precision, threads) {
  begin();
}

void LearningModel::begin() {
  const int64_t before = steps();
  adaptive_.begin();
  const text::Token start = next_.tokenizer().start_token();
  if (next_.vocabulary().ends_line(start)) adaptive_.read({&start, 1}, false);
  if (steps() > before) next_.reload();
}

void LearningModel::take(std::string_view text, bool learn) {
  const std::vector<text::Token> tokens = next_.tokenizer().encode(text).tokens;
  const int64_t before = steps();
  adaptive_.read(tokens, learn);
  if (learn) taken_ += static_cast<int64_t>(tokens.size());
  if (steps() > before) next_.reload();
}

model::LanguageModel LearningModel::learned() const {
  model::LanguageModel model = adaptive_.model();
  model.history.train_loss = model.history.val_loss = std::numeric_limits<double>::quiet_NaN();
  model.history.command += fmt::format("; adapted at the prompt to {} characters", taken_);
  return model;
}

}  // namespace inkling::generate
