#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "model/language_model.h"

namespace inkling::testing {

// A model over the code points (or bytes) of `characters` with random weights, <unk>'s input zero.
inline model::LanguageModel sample_model(nn::NetworkSpec network,
                                         std::vector<std::string> characters = {"\n", "a", "b"},
                                         text::TextOptions options = {}) {
  std::vector<text::Vocabulary::Entry> entries;
  entries.reserve(characters.size());
  for (std::string& character : characters) entries.push_back({std::move(character), 7});
  std::optional<int64_t> end_count;
  if (options.documents != text::Documents::none) end_count = 3;
  text::Vocabulary vocabulary(std::move(entries), 1, end_count);

  model::LanguageModel model;
  network.vocab_size = vocabulary.size();
  model.tokenizer = text::Tokenizer(options, std::move(vocabulary));
  model.config.network = std::move(network);
  model.history.command = "inkling train --seed 1";
  model.history.options = {{"cell", "lstm"}, {"seed", "1"}};
  model.history.val_loss = 1.25;
  model.history.train_loss = 1.5;
  model.history.steps = 10;
  model.history.epochs = 0.5;
  model.history.train_characters = 1000;
  model.history.precision = "f32";

  const nn::ParameterLayout layout(model.config.network);
  model.weights.resize(static_cast<size_t>(layout.size()));
  Random random(1);
  for (const nn::ParameterInfo& info : layout.all()) {
    for (int64_t i = 0; i < info.size(); ++i) {
      model.weights[static_cast<size_t>(info.offset + i)] =
          static_cast<float>(random.uniform(-0.5, 0.5));
    }
  }
  const auto clear_row = [&](const nn::ParameterInfo& info, int64_t row) {
    for (int64_t i = 0; i < info.cols; ++i) {
      model.weights[static_cast<size_t>(info.offset + row * info.cols + i)] = 0;
    }
  };
  const nn::NetworkSpec& spec = model.config.network;
  if (spec.embedding_size > 0) {
    clear_row(layout.at("embed.weight"), spec.vocab_size - 1);
    return model;
  }
  for (size_t l = 0; l < spec.layers.size(); ++l) {
    int64_t row = 0;
    for (const int input : spec.layers[l].inputs) {
      if (input == nn::LayerSpec::network_input) {
        clear_row(layout.at(fmt::format("rnn.weight_ih_l{}", l)), row + spec.vocab_size - 1);
      }
      row += spec.source_size(input);
    }
  }
  return model;
}

}  // namespace inkling::testing
