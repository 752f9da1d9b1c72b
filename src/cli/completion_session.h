#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/console.h"
#include "cli/json_output.h"
#include "generate/completer.h"
#include "generate/gap_filler.h"

namespace inkling::cli {

// What is asked about a text.
struct CompletionRequest {
  std::string prompt;
  std::optional<bool> fill{};  // a gap in the midst of it; nothing = where it is a line with one
  generate::CompletionOptions options{};

  bool fills() const { return fill.value_or(false); }
  // Decides on what was left open. Throws UsageError where the options do not go together.
  void settle();

 private:
  bool asks_to_fill() const;
};

// Answers questions with one model, kept loaded.
class CompletionSession {
 public:
  // Both must outlive it.
  CompletionSession(generate::NextCharacter& model, Console& console)
      : model_(model), console_(console), completer_(model) {}

  // Throws UsageError and DataError.
  Json answer(const CompletionRequest& request);
  void print_answer(const CompletionRequest& request);  // a table
  // What to append, one a line; without what no line can hold or a shell should not be given.
  void print_inserts(const CompletionRequest& request);
  // Says which characters the model does not know.
  void notice_unknown(const CompletionRequest& request);

  // Answers every line of standard input, at once; `usual` holds what a line does not say.
  //
  // A line is a text, and its answer a table and an empty line. With `json` a line is a JSON
  // string, or an object whose "prompt" is the text; its other fields are options by their names,
  // with _ for
  // -, and "fill", and an "id" of any kind that the answer repeats. What is wrong with a line is
  // said ({"error": ..., "line": ...} with `json`, on standard error without), and the next one is
  // read. Returns whether all lines of text were answered.
  bool answer_lines(const CompletionRequest& usual, bool json);

 private:
  void answer_json_line(const CompletionRequest& usual, const std::string& line, int64_t number);
  bool answer_text_line(CompletionRequest request, const std::string& line, int64_t number);
  generate::GapFiller& filler();

  generate::NextCharacter& model_;
  Console& console_;
  generate::Completer completer_;
  std::unique_ptr<generate::GapFiller> filler_;  // once one is needed
};

}  // namespace inkling::cli
