#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "cli/talk.h"
#include "model/language_model.h"
#include "nn/precision.h"

namespace inkling::cli {

// Which model a command uses, and how it runs it.
struct ModelOptions {
  std::vector<std::string> model;  // the last one holds, but for an ensemble
  bool ensemble = false;
  nn::Precision precision = nn::Precision::automatic;
  int64_t threads = 0;
  bool quiet = false;

  template <class Visitor>
  void for_each_option(Visitor&& v) {
    v(Option{.name = "model", .meaning = "a model's file or name", .value = "MODEL", .letter = 'm'},
      model);
    v(Option{.name = "precision",
             .meaning = "of matrix products: auto = bf16 where this processor is faster with it; "
                        "int8 reads half of that, and `evaluate` says what it costs"},
      precision);
    v(Option{.name = "threads",
             .meaning = "0 = as many of the machine's as are worth it",
             .low = 0,
             .high = 1024},
      threads);
    v(Option{.name = "quiet", .meaning = "say nothing but results and errors", .letter = 'q'},
      quiet);
  }

  // For commands that can use several models.
  template <class Visitor>
  void for_each_ensemble_option(Visitor&& v) {
    v(Option{.name = "ensemble",
             .meaning = "use all models given by -m, by the mean of their probabilities"},
      ensemble);
  }

  int thread_count() const { return static_cast<int>(threads); }
  // Finds and loads the model. Throws DataError.
  model::LanguageModel load() const;
  // All models of the ensemble, or the one. Throws UsageError where one is no ensemble, DataError
  // where they do not fit together.
  std::vector<model::LanguageModel> load_all() const;
};

// The text of a file, or of standard input for "-", less one line end at its end: a line feed, and
// a carriage return before it. Throws DataError.
std::string text_in_file(const std::string& path, text::Unit unit);

// The text that an argument gives: itself, or text_in_file() for "-". Throws DataError where it is
// no UTF-8, unless the model's unit is the byte; `what` begins the sentence.
std::string text_argument(const std::string& given, text::Unit unit, std::string_view what);

// Throws DataError where the text is no UTF-8, unless the unit is the byte.
void expect_utf8(std::string_view text, text::Unit unit, std::string_view what);

// Says, once, which characters of the text the model does not know.
void notice_unknown(const text::Tokenizer& tokenizer, std::string_view text, Talk& talk);

}  // namespace inkling::cli
