#include "train/vocabulary_map.h"

#include <algorithm>
#include <vector>

#include "base/error.h"

namespace inkling::train {
namespace {

// For each token of `to`, the same one of `from`, or -1.
std::vector<text::Token> token_map(const text::Vocabulary& from, const text::Vocabulary& to) {
  std::vector<text::Token> map;
  for (text::Token token = 0; token < to.characters(); ++token)
    map.push_back(from.find(to.text(token)).value_or(-1));
  if (to.has_end()) map.push_back(from.end());
  map.push_back(from.unknown());
  return map;
}

}  // namespace

std::string take_weights(const model::LanguageModel& from, model::LanguageModel& to) {
  nn::NetworkSpec same = from.config.network;
  same.vocab_size = to.config.network.vocab_size;
  if (!(same == to.config.network)) {
    usage_error(
        "--init-from: the model has another network ({} cell, {} units); give the same sizes",
        nn::cell_names[static_cast<size_t>(same.cell)], same.size_text());
  }
  const auto map = token_map(from.vocabulary(), to.vocabulary());
  const nn::ParameterLayout from_layout(from.config.network), to_layout(to.config.network);
  using Role = nn::ParameterInfo::Role;
  for (const nn::ParameterInfo& target : to_layout.all()) {
    const nn::ParameterInfo& source = from_layout.at(target.name);
    const float* read = from.weights.data() + source.offset;
    float* write = to.weights.data() + target.offset;
    // The rows of a one-hot input's weights are the tokens'. No other layer that training makes has
    // them.
    const bool is_first =
        target.layer >= 0 &&
        to.config.network.layers[static_cast<size_t>(target.layer)].inputs.front() ==
            nn::LayerSpec::network_input;
    const bool by_row =
        target.rows != source.rows || target.role == Role::embedding ||
        (target.role == Role::input_weight && is_first && to.config.network.embedding_size == 0);
    const bool by_column = target.role == Role::head_weight || target.role == Role::head_bias;
    for (int64_t row = 0; row < target.rows; ++row) {
      const int64_t from_row = by_row ? map[static_cast<size_t>(row)] : row;
      if (from_row < 0) continue;
      for (int64_t column = 0; column < target.cols; ++column) {
        const int64_t from_column = by_column ? map[static_cast<size_t>(column)] : column;
        if (from_column >= 0)
          write[row * target.cols + column] = read[from_row * source.cols + from_column];
      }
    }
  }
  const auto fresh = std::count(map.begin(), map.end(), -1);
  const auto& characters = from.vocabulary().entries();
  const auto lost = std::count_if(characters.begin(), characters.end(), [&](const auto& entry) {
    return !to.vocabulary().find(entry.character);
  });
  return fmt::format("weights taken over; {} of {} tokens are new to them{}", fresh, map.size(),
                     lost == 0 ? ""
                               : fmt::format(", {} of {} characters that they knew are not "
                                             "in the new vocabulary and are forgotten",
                                             lost, characters.size()));
}

}  // namespace inkling::train
