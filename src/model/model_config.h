#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "nn/network_spec.h"

namespace inkling::model {

enum class Shape { many_to_many, many_to_one };
constexpr std::array<std::string_view, 2> shape_names{"many-to-many", "many-to-one"};
constexpr std::span<const std::string_view> names_of(Shape) { return shape_names; }

// What a language model is, apart from its weights and its tokenizer.
struct ModelConfig {
  nn::NetworkSpec network;
  Shape shape = Shape::many_to_many;
  int64_t context = 64;  // many-to-one: characters in a window
  bool operator==(const ModelConfig&) const = default;
};

// What is remembered of a model's making; shown by `inkling info`. Of it --resume and
// evaluate take the options, mirostat the loss; the network needs none.
struct ModelHistory {
  std::string command;  // the options that made it, as a command line without paths
  std::map<std::string, std::string> options;  // every training option by name
  double val_loss = 0;  // nats per character of the validation part; NaN = never evaluated
  double train_loss = 0;
  int64_t steps = 0;
  double epochs = 0;
  int64_t train_characters = 0;  // in the training part
  std::string precision;         // f32 or bf16, what it was trained in
};

}  // namespace inkling::model
