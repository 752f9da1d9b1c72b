#include "model/metadata.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "model/config_json.h"
#include "model/json_fields.h"
#include "model/seal.h"
#include "model/tokenizer_json.h"
#include "text/unicode_version.h"

namespace inkling::model {
namespace {

using nlohmann::json;

std::string history_json(const ModelHistory& history) {
  const json value{
      {"command", history.command},       {"epochs", history.epochs},
      {"options", history.options},       {"precision", history.precision},
      {"steps", history.steps},           {"train_characters", history.train_characters},
      {"train_loss", history.train_loss}, {"val_loss", history.val_loss},
  };
  // A command line may hold any bytes.
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

ModelHistory parse_history(std::string_view text) {
  const json value = parse_strict(text, "its history", limits::history_values);
  JsonFields fields(value, "its history");
  ModelHistory history;
  history.command = fields.text("command");
  const json& options = fields.at("options");
  if (!options.is_object()) data_error("its history's options are no object");
  for (const auto& [name, option] : options.items()) {
    if (!option.is_string()) data_error("its history's option {} is not a string", printable(name));
    history.options.emplace(name, option.get_ref<const std::string&>());
  }
  history.val_loss = fields.number("val_loss");
  history.train_loss = fields.number("train_loss");
  history.steps = fields.integer("steps", 0, limits::json_integer);
  history.epochs = fields.number("epochs");
  history.train_characters = fields.integer("train_characters", 0, limits::json_integer);
  history.precision = fields.text("precision");
  return history;
}

const std::string& value_of(const Metadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) data_error("not an inkling model: it lacks \"{}\"", key);
  return found->second;
}

}  // namespace

Metadata metadata_of(const LanguageModel& model) {
  return {
      {"checksum", std::string(unsealed)},
      {"config", config_json(model.config)},
      {"format", "pt"},  // transformers and others refuse a file without it
      {"history", history_json(model.history)},
      {"inkling", std::to_string(model.config.network.mixture ? format_version : 1)},
      {"tokenizer", text_options_json(model.tokenizer.options())},
      {"unicode", text::unicode_version()},
      {"vocabulary", vocabulary_json(model.vocabulary(), model.tokenizer.options().unit)},
  };
}

void check_version(const Metadata& metadata) {
  const std::string& text = value_of(metadata, "inkling");
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size() || version < 1) {
    data_error("its format version {} cannot be read: download or copy it again", printable(text));
  }
  if (version > format_version) {
    data_error("made by a newer inkling (format {}): update inkling", version);
  }
}

LanguageModel model_of(const Metadata& metadata) {
  check_version(metadata);
  LanguageModel model;
  model.config = parse_config(value_of(metadata, "config"));
  if (model.config.network.mixture && value_of(metadata, "inkling") == "1")
    data_error("its configuration is a mixture, which format 1 has not");
  const text::TextOptions options = parse_text_options(value_of(metadata, "tokenizer"));
  text::Vocabulary vocabulary = parse_vocabulary(value_of(metadata, "vocabulary"), options.unit);
  if (vocabulary.size() != model.config.network.vocab_size) {
    data_error("its vocabulary has {} tokens, its configuration says {}", vocabulary.size(),
               model.config.network.vocab_size);
  }
  model.tokenizer = text::Tokenizer(options, std::move(vocabulary));
  model.history = parse_history(value_of(metadata, "history"));
  return model;
}

}  // namespace inkling::model
