#include "model/config_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "model/json_fields.h"
#include "nn/parameter_layout.h"

namespace inkling::model {
namespace {

using nlohmann::json;
using nn::LayerSpec;

constexpr std::string_view what = "its configuration";

// Indices of what feeds a layer or the head: from `lowest` to the layer before `end`, each at most
// once.
std::vector<int> parse_inputs(const json& list, int lowest, int end) {
  std::vector<int> inputs;
  for (const json& value : list) {
    const int input = static_cast<int>(
        integer_of(value, "its configuration: an input of a layer", lowest, end - 1));
    if (std::find(inputs.begin(), inputs.end(), input) != inputs.end()) {
      data_error("{} names the input {} twice for one layer", what, input);
    }
    inputs.push_back(input);
  }
  return inputs;
}

std::vector<LayerSpec> parse_layers(const json& list) {
  std::vector<LayerSpec> layers;
  for (const json& value : list) {
    const int index = static_cast<int>(layers.size());
    JsonFields fields(value, fmt::format("{}'s layer {}", what, index));
    LayerSpec layer;
    layer.hidden_size = fields.integer("hidden_size", 1, limits::hidden_size);
    layer.inputs =
        parse_inputs(fields.array("inputs", 1, index + 1), LayerSpec::network_input, index);
    fields.expect_no_others();
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace

std::string config_json(const ModelConfig& config) {
  const nn::NetworkSpec& network = config.network;
  json layers = json::array();
  for (const LayerSpec& layer : network.layers) {
    layers.push_back({{"hidden_size", layer.hidden_size}, {"inputs", layer.inputs}});
  }
  json value{
      {"activation", name_of(network.activation)},
      {"cell", name_of(network.cell)},
      {"context", config.context},
      {"embedding_size", network.embedding_size},
      {"head_inputs", network.head_inputs},
      {"initial_state", name_of(network.initial_state)},
      {"layer_norm", network.layer_norm},
      {"layers", layers},
      {"shape", name_of(config.shape)},
      {"vocab_size", network.vocab_size},
  };
  if (network.mixture) value["mixture"] = true;
  return value.dump();
}

ModelConfig parse_config(std::string_view text) {
  const json value = parse_strict(text, what, limits::config_values);
  JsonFields fields(value, std::string(what));
  ModelConfig config;
  config.shape = fields.choice<Shape>("shape");
  config.context = fields.integer("context", 1, limits::context);
  nn::NetworkSpec& network = config.network;
  network.vocab_size =
      fields.integer("vocab_size", limits::vocab_size_low, limits::vocab_size_high);
  network.embedding_size = fields.integer("embedding_size", 0, limits::embedding_size);
  network.cell = fields.choice<nn::CellKind>("cell");
  network.activation = fields.choice<nn::Activation>("activation");
  network.layer_norm = fields.flag("layer_norm");
  network.initial_state = fields.choice<nn::InitialState>("initial_state");
  network.layers = parse_layers(fields.array("layers", 1, limits::layers));
  const int layers = static_cast<int>(network.layers.size());
  network.head_inputs = parse_inputs(fields.array("head_inputs", 1, layers), 0, layers);
  network.mixture = fields.optional_flag("mixture");
  if (network.mixture && !network.is_side_by_side())
    data_error("{}: a mixture needs networks that are alike", what);
  fields.expect_no_others();

  const int64_t parameters = nn::ParameterLayout(network).count();
  if (parameters > limits::parameters) {
    data_error("{} asks for {} parameters, the limit is {}", what, parameters, limits::parameters);
  }
  return config;
}

}  // namespace inkling::model
