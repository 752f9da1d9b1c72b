#include "train/vocabulary_map.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/option.h"
#include "text/folding.h"

namespace inkling::train {
namespace {

// Of tokens to those of another vocabulary.
struct TokenMap {
  std::vector<text::Token> tokens;  // -1 = none
  int64_t fresh = 0;                // that the other does not know
  int64_t resembling = 0;           // of these, that it knows as another one
};

// For each token of `to` the same one of `from`. What `from` does not know begins as what it was
// read as so far: a folded character as the one that it was folded to; and the end of a document as
// the end of a line.
TokenMap token_map(const text::Vocabulary& from, const text::Vocabulary& to, text::Unit unit) {
  TokenMap map;
  text::Folder folder(from, unit);
  const auto add = [&](std::optional<text::Token> known, text::Token alike) {
    const bool resembles = !known && alike != from.unknown();
    map.fresh += !known, map.resembling += resembles;
    map.tokens.push_back(known.value_or(resembles ? alike : -1));
  };
  for (text::Token token = 0; token < to.characters(); ++token) {
    const auto known = from.find(to.text(token));
    add(known, known ? *known : folder.fold(to.text(token)));
  }
  if (to.has_end()) {
    const auto known = from.has_end() ? std::optional(from.end()) : std::nullopt;
    add(known, from.find("\n").value_or(from.unknown()));
  }
  add(from.unknown(), from.unknown());
  return map;
}

// What `has` has that `asked` has not, as options.
std::vector<std::string> differences(const nn::NetworkSpec& has, const nn::NetworkSpec& asked) {
  std::vector<std::string> all;
  const auto compare = [&](std::string_view option, const auto& one, const auto& other) {
    if (one != other) all.push_back(fmt::format("--{} {}", option, one));
  };
  compare("cell", name_of(has.cell), name_of(asked.cell));
  compare("activation", name_of(has.activation), name_of(asked.activation));
  compare("stacks", has.stacks(), asked.stacks());
  compare("num-layers", std::ssize(has.layers) / has.stacks(),
          std::ssize(asked.layers) / asked.stacks());
  compare("hidden-size", has.layers.front().hidden_size, asked.layers.front().hidden_size);
  compare("embedding-size", has.embedding_size, asked.embedding_size);
  if (has.layer_norm != asked.layer_norm)
    all.emplace_back(has.layer_norm ? "--layer-norm" : "no --layer-norm");
  compare("initial-state", name_of(has.initial_state), name_of(asked.initial_state));
  return all;
}

}  // namespace

std::vector<std::string> characters_of(const model::LanguageModel& model) {
  std::vector<std::string> characters;
  for (const text::Vocabulary::Entry& entry : model.vocabulary().entries())
    characters.push_back(entry.character);
  return characters;
}

std::string take_weights(const model::LanguageModel& from, model::LanguageModel& to) {
  nn::NetworkSpec same = from.config.network;
  same.vocab_size = to.config.network.vocab_size;
  if (!(same == to.config.network)) {
    usage_error(
        "--init-from: the model has another network, with {}; give the same, or leave that out",
        fmt::join(differences(same, to.config.network), ", "));
  }
  const TokenMap map = token_map(from.vocabulary(), to.vocabulary(), to.tokenizer.options().unit);
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
      const int64_t from_row = by_row ? map.tokens[static_cast<size_t>(row)] : row;
      if (from_row < 0) continue;
      for (int64_t column = 0; column < target.cols; ++column) {
        const int64_t from_column = by_column ? map.tokens[static_cast<size_t>(column)] : column;
        if (from_column >= 0)
          write[row * target.cols + column] = read[from_row * source.cols + from_column];
      }
    }
  }
  const auto& characters = from.vocabulary().entries();
  const auto lost = std::count_if(characters.begin(), characters.end(), [&](const auto& entry) {
    return !to.vocabulary().find(entry.character);
  });
  std::string sentence = fmt::format("weights taken over; {} of {} tokens are new to them",
                                     map.fresh, map.tokens.size());
  if (map.resembling > 0)
    sentence += fmt::format(", {} of these begin as what they resemble", map.resembling);
  if (lost > 0) {
    sentence += fmt::format(
        ", {} of {} characters that they knew are not in the new vocabulary and are forgotten",
        lost, characters.size());
  }
  return sentence;
}

}  // namespace inkling::train
