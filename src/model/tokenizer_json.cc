#include "model/tokenizer_json.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "model/json_fields.h"

namespace inkling::model {
namespace {

using nlohmann::json;

constexpr std::string_view what = "its vocabulary";

json character_json(const std::string& character, text::Unit unit) {
  if (unit != text::Unit::byte) return character;
  return static_cast<unsigned char>(character.at(0));
}

std::string parse_character(const json& value, text::Unit unit) {
  if (unit == text::Unit::byte) {
    const int64_t byte = integer_of(value, "its vocabulary: a byte", 0, 255);
    return {static_cast<char>(static_cast<unsigned char>(byte))};
  }
  if (!value.is_string()) data_error("{} has a character that is not a string", what);
  const auto& character = value.get_ref<const std::string&>();
  if (std::cmp_greater(character.size(), limits::character_bytes)) {
    data_error("{} has a character of {} bytes, the limit is {}", what, character.size(),
               limits::character_bytes);
  }
  return character;
}

}  // namespace

std::string text_options_json(const text::TextOptions& options) {
  return json{
      {"documents", name_of(options.documents)},
      {"line_ends", name_of(options.line_ends)},
      {"normalize", name_of(options.normalize)},
      {"unit", name_of(options.unit)},
  }
      .dump();
}

text::TextOptions parse_text_options(std::string_view text) {
  const json value = parse_strict(text, "its tokenizer", limits::config_values);
  JsonFields fields(value, "its tokenizer");
  text::TextOptions options;
  options.unit = fields.choice<text::Unit>("unit");
  options.normalize = fields.choice<text::Normalization>("normalize");
  options.line_ends = fields.choice<text::LineEnds>("line_ends");
  options.documents = fields.choice<text::Documents>("documents");
  fields.expect_no_others();
  return options;
}

std::string vocabulary_json(const text::Vocabulary& vocabulary, text::Unit unit) {
  json characters = json::array();
  json counts = json::array();
  for (const text::Vocabulary::Entry& entry : vocabulary.entries()) {
    characters.push_back(character_json(entry.character, unit));
    counts.push_back(entry.count);
  }
  json value{
      {"characters", std::move(characters)},
      {"counts", std::move(counts)},
      {"end_count", nullptr},
      {"unknown_count", vocabulary.unknown_count()},
  };
  if (vocabulary.has_end()) value["end_count"] = *vocabulary.end_count();
  try {
    return value.dump();
  } catch (const json::type_error&) {
    data_error("{} has a character that is not UTF-8", what);
  }
}

text::Vocabulary parse_vocabulary(std::string_view text, text::Unit unit) {
  const json value = parse_strict(text, what, limits::vocabulary_values);
  JsonFields fields(value, std::string(what));
  const json& characters = fields.array("characters", 1, limits::vocabulary_characters);
  const auto size = static_cast<int64_t>(characters.size());
  const json& counts = fields.array("counts", size, size);

  std::vector<text::Vocabulary::Entry> entries;
  entries.reserve(characters.size());
  for (size_t i = 0; i < characters.size(); ++i) {
    entries.push_back({parse_character(characters[i], unit),
                       integer_of(counts[i], "its vocabulary: a count", 0, limits::json_integer)});
  }
  std::optional<int64_t> end_count;
  if (!fields.at("end_count").is_null()) {
    end_count = fields.integer("end_count", 0, limits::json_integer);
  }
  const int64_t unknown_count = fields.integer("unknown_count", 0, limits::json_integer);
  fields.expect_no_others();
  return {std::move(entries), unknown_count, end_count};
}

}  // namespace inkling::model
