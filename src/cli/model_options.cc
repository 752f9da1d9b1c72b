#include "cli/model_options.h"

#include <filesystem>

#include "base/heap.h"
#include "cli/model_path.h"
#include "cli/open_model.h"
#include "model/ensemble.h"
#include "text/corpus.h"
#include "text/utf8.h"

namespace inkling::cli {
namespace {

model::LanguageModel load_from(const std::string& path) {
  std::error_code unknown;
  const uintmax_t size = std::filesystem::file_size(path, unknown);
  // The weights in float32 and as they are multiplied, and what works on them.
  if (!unknown) back_heap_by_large_pages(4 * size);
  return open_model(path).model;
}

}  // namespace

model::LanguageModel ModelOptions::load() const {
  return load_from(model.empty() ? find_default_model() : find_model(model.back()));
}

std::vector<model::LanguageModel> ModelOptions::load_all() const {
  std::vector<model::LanguageModel> models;
  if (!ensemble) {
    if (model.size() > 1)
      usage_error("-m is given {} times: give --ensemble to use all these models, or one -m",
                  model.size());
    models.push_back(load());
    return models;
  }
  if (model.size() < 2) usage_error("--ensemble needs several models: give -m more than once");
  for (const std::string& name : model) models.push_back(load_from(find_model(name)));
  model::require_same_characters(models, model);
  return models;
}

std::string text_in_file(const std::string& path, text::Unit unit) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    data_error("{} is a folder; give a file in it", path);
  std::string text = text::read_texts({path}, {.advise_options = false}, unit).front().text;
  if (!text.ends_with('\n')) return text;
  text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string text_argument(const std::string& given, text::Unit unit, std::string_view what) {
  if (given == "-") return text_in_file(given, unit);
  expect_utf8(given, unit, what);
  return given;
}

void expect_utf8(std::string_view text, text::Unit unit, std::string_view what) {
  if (unit == text::Unit::byte) return;
  const auto ill_formed = text::find_ill_formed(text);
  if (!ill_formed) return;
  data_error("{} is not UTF-8 from byte {} on; give it in UTF-8", what, ill_formed->offset);
}

void notice_unknown(const text::Tokenizer& tokenizer, std::string_view text, Talk& talk) {
  const std::vector<std::string> examples = tokenizer.inexact_examples(text);
  if (examples.empty()) return;
  talk.say(fmt::format(
      "the model does not know some of these characters and reads others in their place: {}",
      fmt::join(examples, ", ")));
}

}  // namespace inkling::cli
