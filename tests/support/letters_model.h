#pragma once

#include <limits>
#include <string>

#include "model/model_file.h"
#include "nn/parameter_layout.h"
#include "support/sample_model.h"
#include "support/temp_dir.h"

namespace inkling::testing {

// A file with a model that knows "a", "b" and the line feed alone, and whose loss was never
// measured. ends: every line is a document, and what comes next is always its end.
inline std::string letters_model(const TempDir& dir, bool ends = false) {
  text::TextOptions options;
  if (ends) options.documents = text::Documents::line;
  model::LanguageModel model = sample_model(nn::NetworkSpec::chain(0, 0, nn::CellKind::gru, 1, 8),
                                            {"\n", "a", "b"}, options);
  model.history.val_loss = std::numeric_limits<double>::quiet_NaN();
  if (ends) {
    const nn::ParameterLayout layout(model.config.network);
    const int64_t bias = layout.at("fc.bias").offset + model.tokenizer.vocabulary().end();
    model.weights[static_cast<size_t>(bias)] = 1000;
  }
  std::string path = dir.file(ends ? "ending.safetensors" : "letters.safetensors");
  model::save_model(path, {model, {}, {}});
  return path;
}

}  // namespace inkling::testing
