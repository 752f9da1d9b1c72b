#include "cli/completion_session.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <optional>
#include <vector>

#include "cli/completion_output.h"
#include "cli/edit_distance.h"
#include "cli/line_reader.h"
#include "cli/model_options.h"
#include "cli/option_value.h"
#include "cli/visible_text.h"
#include "generate/gap.h"
#include "model/json_fields.h"

namespace inkling::cli {
namespace {

constexpr int64_t most_values = 1000;  // in a line of JSON

std::string field_name(std::string_view option) {
  std::string name(option);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// Visits options for the one that a field names, and reads its value.
struct FieldReader {
  const std::string& name;
  const nlohmann::json& value;
  bool found = false;

  void operator()(const Option& option, int64_t& member) {
    if (!is(option)) return;
    if (!value.is_number_integer()) usage_error("\"{}\" has to be a whole number", name);
    try {
      read_value(option, value.dump(), member);
    } catch (const UsageError& error) {  // which names the option
      usage_error("\"{}\"{}", name,
                  std::string_view(error.what()).substr(spelled(option.name).size()));
    }
  }
  void operator()(const Option& option, bool& member) {
    if (!is(option)) return;
    if (!value.is_boolean()) usage_error("\"{}\" has to be true or false", name);
    member = value.get<bool>();
  }

 private:
  bool is(const Option& option) {
    const bool named = field_name(option.name) == name;
    found = found || named;
    return named;
  }
};

[[noreturn]] void unknown_field(const std::string& name, CompletionRequest request) {
  std::vector<std::string> names{"prompt", "fill", "id"};
  request.options.for_each_option(
      [&](const Option& option, const auto&) { names.push_back(field_name(option.name)); });
  const std::vector<std::string_view> views(names.begin(), names.end());
  usage_error("there is no field {}{}", model::printable(name), did_you_mean(name, views));
}

std::string text_field(const nlohmann::json& value) {
  if (!value.is_string()) usage_error("\"prompt\" has to be a text");
  return value.get<std::string>();
}

CompletionRequest read_request(const nlohmann::json& line, CompletionRequest request) {
  if (line.is_string()) {
    request.prompt = text_field(line);
    request.settle();
    return request;
  }
  if (!line.is_object()) usage_error("a line has to be a JSON object or string");
  if (!line.contains("prompt")) usage_error("\"prompt\" is missing: the text to complete");
  for (const auto& [name, value] : line.items()) {
    if (name == "id") continue;
    if (name == "prompt") {
      request.prompt = text_field(value);
    } else if (name == "fill") {
      if (!value.is_boolean()) usage_error("\"fill\" has to be true or false");
      request.fill = value.get<bool>();
    } else {
      FieldReader reader{name, value};
      request.options.for_each_option(reader);
      if (!reader.found) unknown_field(name, request);
    }
  }
  request.settle();
  return request;
}

// What of the text the model reads.
std::string without_gaps(const CompletionRequest& request) {
  std::string text(generate::without_gap(request.prompt));
  if (!request.fills()) return text;
  for (const generate::Gap& gap : generate::find_gaps(text)) {
    std::fill(text.begin() + static_cast<int64_t>(gap.begin),
              text.begin() + static_cast<int64_t>(gap.end), ' ');
  }
  return text;
}

}  // namespace

void CompletionRequest::settle() {
  options.validate();
  if (!fill) fill = asks_to_fill();
  if (*fill && options.words > 1)
    usage_error("a gap in a text is filled with one word: leave --words out");
  if (*fill && options.next) usage_error("a gap in a text is filled: leave --next out");
}

// A line with a gap before its end. In a longer text it may be a rule between two parts, or what a
// form leaves open.
bool CompletionRequest::asks_to_fill() const {
  if (options.next || options.begun || prompt.find('\n') != prompt.npos) return false;
  const std::vector<generate::Gap> gaps = generate::find_gaps(prompt);
  return !gaps.empty() && gaps.front().end < prompt.size();
}

Json CompletionSession::answer(const CompletionRequest& request) {
  const std::string& text = request.prompt;
  Json answer = request.fills() ? as_json(text, filler().fill(text, request.options))
                                : as_json(text, completer_.complete(text, request.options));
  const text::Token unknown = model_.vocabulary().unknown();
  int64_t unknown_characters = 0, folded = 0;
  const text::Tokens read = model_.tokenizer().encode(without_gaps(request));
  for (const text::Tokens::Inexact& inexact : read.inexact) {
    const text::Token token = read.tokens[static_cast<size_t>(inexact.position)];
    ++(token == unknown ? unknown_characters : folded);
  }
  answer["unknown_characters"] = unknown_characters;
  answer["folded_characters"] = folded;
  return answer;
}

void CompletionSession::print_answer(const CompletionRequest& request) {
  const std::string& text = request.prompt;
  if (request.fills()) return print_table(filler().fill(text, request.options), console_);
  print_table(completer_.complete(text, request.options), console_);
}

void CompletionSession::print_inserts(const CompletionRequest& request) {
  const auto wanted = static_cast<size_t>(request.options.k);
  generate::CompletionOptions options = request.options;
  ++options.k;  // the word as it stands may be one of them
  std::vector<std::string> lines;
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    const generate::CompletionResult result = completer_.complete(request.prompt, options);
    const auto& completions = result.completions;
    // Nothing is inserted that is less probable than that nothing follows.
    const auto rest = std::find_if(completions.begin(), completions.end(),
                                   [&](const auto& c) { return c.probability() < result.no_word; });
    lines.clear();
    for (auto completion = completions.begin(); completion != rest; ++completion) {
      const std::string& insert = completion->insert;
      const bool plain = visible(insert) == insert && insert.find_first_of("\n\t") == insert.npos;
      if (plain && !insert.empty() && lines.size() < wanted) lines.push_back(insert);
    }
    const bool all = rest != completions.end() || std::ssize(completions) < options.k;
    if (lines.size() == wanted || all || options.k >= generate::CompletionOptions::most_k) break;
    options.k = std::min(4 * options.k, generate::CompletionOptions::most_k);
    if (request.options.time_limit_ms == 0) continue;
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    options.time_limit_ms = request.options.time_limit_ms - spent.count();
    if (options.time_limit_ms <= 0) break;
  }
  for (const std::string& line : lines) console_.out.print(line + "\n");
}

void CompletionSession::notice_unknown(const CompletionRequest& request) {
  cli::notice_unknown(model_.tokenizer(), without_gaps(request), console_.talk);
}

generate::GapFiller& CompletionSession::filler() {
  if (!filler_) filler_ = std::make_unique<generate::GapFiller>(model_);
  return *filler_;
}

bool CompletionSession::answer_lines(const CompletionRequest& usual, bool json) {
  LineReader reader(nullptr);
  std::string line;
  int64_t number = 0;
  bool all_answered = true;
  while (reader.read(line) == LineReader::Result::line) {
    ++number;
    if (json) {
      answer_json_line(usual, line, number);
    } else {
      all_answered = answer_text_line(usual, line, number) && all_answered;
    }
    console_.out.flush();
  }
  return all_answered;
}

void CompletionSession::answer_json_line(const CompletionRequest& usual, const std::string& line,
                                         int64_t number) {
  Json answer;
  std::optional<Json> id;
  try {
    const nlohmann::json fields = model::parse_strict(line, "the line", most_values);
    if (fields.is_object() && fields.contains("id")) id = fields["id"];
    const CompletionRequest request = read_request(fields, usual);
    answer = this->answer(request);
  } catch (const OutputError&) {
    throw;
  } catch (const Error& error) {
    answer = {{"error", error.what()}, {"line", number}};
  } catch (const std::bad_alloc&) {
    answer = {{"error", too_little_memory}, {"line", number}};
  }
  if (id) answer["id"] = *id;
  print_json(answer, console_.out);
}

// On standard output an answer ends with an empty line, also where there is none.
bool CompletionSession::answer_text_line(CompletionRequest request, const std::string& line,
                                         int64_t number) {
  std::string problem;
  try {
    expect_utf8(line, model_.tokenizer().options().unit, "the text");
    request.prompt = line;
    request.settle();
    notice_unknown(request);
    print_answer(request);
  } catch (const OutputError&) {
    throw;
  } catch (const Error& error) {
    problem = error.what();
  } catch (const std::bad_alloc&) {
    problem = too_little_memory;
  }
  if (!problem.empty()) console_.talk.insist(fmt::format("inkling: line {}: {}", number, problem));
  console_.out.print("\n");
  return problem.empty();
}

}  // namespace inkling::cli
