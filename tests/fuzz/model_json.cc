#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/limits.h"
#include "fuzz/target.h"
#include "model/config_json.h"
#include "model/json_fields.h"
#include "model/metadata.h"
#include "model/safetensors_header.h"
#include "model/tokenizer_json.h"
#include "nn/parameter_layout.h"

// The JSON texts of a model file: what is taken must come back the same when it is written and read
// again, and nothing is taken that is no JSON.
//
// An input: a byte for the kind of text, a byte for its options, then the text.
namespace inkling::model {
namespace {

using fuzz::expect;
using nlohmann::json;

bool says(const DataError& error, std::string_view words) {
  return std::string_view(error.what()).find(words) != std::string_view::npos;
}

void check_json(std::string_view text) {
  constexpr int64_t most_values = 64;
  const json expected = json::parse(text, nullptr, /*allow_exceptions=*/false);
  try {
    const json value = parse_strict(text, "the text", most_values);
    expect(!expected.is_discarded(), "what is taken is JSON");
    expect(value == expected, "the value is what another reader sees");
  } catch (const DataError& error) {
    expect(expected.is_discarded() || says(error, "NUL byte") || says(error, "nested deeper") ||
               says(error, "twice") || says(error, "more than 64 values"),
           "only what is no JSON, or too much of it, is refused");
  }
}

void check_vocabulary(std::string_view text, text::Unit unit) {
  const text::Vocabulary vocabulary = parse_vocabulary(text, unit);
  expect(
      vocabulary.size() >= limits::vocab_size_low && vocabulary.size() <= limits::vocab_size_high,
      "the vocabulary's size is within its limits");
  for (text::Token token = 0; token < vocabulary.characters(); ++token) {
    const std::string_view character = vocabulary.text(token);
    expect(!character.empty() && character.size() <= size_t{limits::character_bytes},
           "a character's size is within its limits");
    expect(vocabulary.find(character) == token, "a character is found under its number");
  }
  expect(parse_vocabulary(vocabulary_json(vocabulary, unit), unit) == vocabulary,
         "the vocabulary written and read is the same");
  const text::Tokenizer tokenizer({.unit = unit, .line_ends = text::LineEnds::keep}, vocabulary);
  if (unit == text::Unit::byte) {
    expect(tokenizer.decode(tokenizer.encode(text).tokens).size() == text.size(),
           "each byte is a token");
  }
}

void check_config(std::string_view text) {
  const ModelConfig config = parse_config(text);
  config.network.validate();
  const nn::ParameterLayout layout(config.network);
  expect(layout.count() > 0 && layout.count() <= limits::parameters,
         "the parameters are within their limit");
  expect(parse_config(config_json(config)) == config, "the network written and read is the same");
}

void check_text_options(std::string_view text) {
  const text::TextOptions options = parse_text_options(text);
  expect(parse_text_options(text_options_json(options)) == options,
         "the options written and read are the same");
}

void check_header(std::string_view text, uint64_t data_size) {
  const SafetensorsHeader header = parse_header(text, data_size);
  uint64_t end = 0;
  for (const TensorEntry& entry : header.tensors) {
    expect(entry.begin == end && bytes_of(entry) == entry.end - entry.begin,
           "tensors fill the data without a gap");
    end = entry.end;
    expect(header.find(entry.name) == &entry, "a tensor is found by its name");
  }
  expect(end == data_size, "tensors fill the data");
  const SafetensorsHeader again = parse_header(header_text(header), data_size);
  expect(again.metadata == header.metadata && again.tensors.size() == header.tensors.size(),
         "the header written and read is the same");
  for (size_t i = 0; i < header.tensors.size(); ++i) {
    const TensorEntry &a = again.tensors[i], &b = header.tensors[i];
    expect(a.name == b.name && a.dtype == b.dtype && a.shape == b.shape && a.begin == b.begin,
           "a tensor written and read is the same");
  }
}

void check_history(std::string_view text) {
  const Metadata metadata{
      {"inkling", "1"},
      {"config", R"({"activation":"tanh","cell":"rnn","context":1,"embedding_size":0,)"
                 R"("head_inputs":[0],"initial_state":"zero","layer_norm":false,)"
                 R"("layers":[{"hidden_size":1,"inputs":[-1]}],"shape":"many-to-many",)"
                 R"("vocab_size":2})"},
      {"tokenizer", R"({"documents":"none","line_ends":"lf","normalize":"nfc","unit":"byte"})"},
      {"vocabulary", R"({"characters":[1],"counts":[1],"end_count":null,"unknown_count":0})"},
      {"history", std::string(text)},
  };
  const LanguageModel model = model_of(metadata);
  const ModelHistory& history = model.history;
  const ModelHistory again = model_of(metadata_of(model)).history;
  expect(again.command == history.command && again.options == history.options &&
             again.steps == history.steps && again.precision == history.precision &&
             again.train_characters == history.train_characters,
         "the history written and read is the same");
}

void check(fuzz::Input input) {
  const size_t kind = input.below(6);
  const auto option = input.take<uint8_t>();
  const std::string_view text = input.rest();
  switch (kind) {
    case 0:
      return check_json(text);
    case 1:
      return check_vocabulary(text, static_cast<text::Unit>(option % text::unit_names.size()));
    case 2:
      return check_config(text);
    case 3:
      return check_text_options(text);
    case 4:
      return check_header(text, option);
    default:
      return check_history(text);
  }
}

}  // namespace
}  // namespace inkling::model

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    inkling::model::check({data, size});
  } catch (const inkling::DataError&) {
  }
  return 0;
}
