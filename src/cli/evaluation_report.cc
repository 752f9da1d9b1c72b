#include "cli/evaluation_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <numbers>
#include <utility>

#include "cli/layout.h"
#include "cli/visible_text.h"

namespace inkling::cli {
namespace {

// Of what was predicted: the first character is not, but where something stands before it.
int64_t bytes_of(const Evaluation& evaluation) {
  return evaluation.part.text.bytes - evaluation.part.first_bytes;
}

double bits_per_byte(const Evaluation& evaluation) {
  const auto bytes = static_cast<double>(std::max<int64_t>(1, bytes_of(evaluation)));
  return evaluation.sum.nats / std::numbers::ln2 / bytes;
}

// Predicted characters that the model does not know, and those that it reads as another.
std::pair<int64_t, int64_t> inexact(const Evaluation& evaluation) {
  int64_t unknown = 0, folded = 0;
  for (const text::Tokens::Inexact& inexact : evaluation.part.text.inexact) {
    if (inexact.position == 0) continue;
    const auto position = static_cast<size_t>(inexact.position);
    const bool is_unknown =
        evaluation.part.text.tokens[position] == evaluation.vocabulary.unknown();
    ++(is_unknown ? unknown : folded);
  }
  return {unknown, folded};
}

std::string as_table(const Evaluation& evaluation, int width) {
  const nn::LossSum& sum = evaluation.sum;
  const std::optional<double>& int8_cost = evaluation.int8_cost;
  std::string table = fmt::format(
      "loss           {} nats per character{}\n"
      "bpc            {} bits per character\n"
      "bits per byte  {}\n"
      "perplexity     {}\n"
      "{}"
      "characters     {}",
      decimal(sum.loss(), 4), evaluation.adapts ? ", in dynamic evaluation" : "",
      decimal(sum.bpc(), 4), decimal(bits_per_byte(evaluation), 4), decimal(sum.perplexity(), 3),
      int8_cost ? fmt::format("int8 costs     {} nats per character, beside float32\n",
                              decimal(*int8_cost, 4))
                : "",
      grouped(sum.count));
  if (const auto [unknown, folded] = inexact(evaluation); unknown + folded > 0)
    table += fmt::format("; {} unknown, {} read as another", grouped(unknown), grouped(folded));
  return table + fmt::format("\nprotocol       {}\n", wrap(evaluation.protocol, width, 15));
}

void print_lines(const TextScores& scores, Output& out) {
  for (const TextScores::Line& line : scores.lines()) {
    out.text(fmt::format("{}\t{}\t{}\t{}\t{}\n", line.number, decimal(line.loss(), 4),
                         decimal(line.nats, 3), line.characters, tab_separated(line.text)));
  }
}

void print_characters(const TextScores& scores, Output& out) {
  scores.for_each_character([&](const std::string& character, double nats) {
    out.text(fmt::format("{}\t{}\n", character_name(tab_separated(character)), decimal(nats, 4)));
  });
}

Json lines_json(const TextScores& scores) {
  Json lines = Json::array();
  for (const TextScores::Line& line : scores.lines()) {
    lines.push_back({{"line", line.number},
                     {"loss", line.loss()},
                     {"nats", line.nats},
                     {"characters", line.characters},
                     {"text", line.text}});
  }
  return lines;
}

Json characters_json(const TextScores& scores) {
  Json characters = Json::array();
  scores.for_each_character([&](const std::string& character, double nats) {
    characters.push_back({{"character", character_name(character)}, {"nats", nats}});
  });
  return characters;
}

}  // namespace

void print_evaluation(const Evaluation& evaluation, Console& console) {
  const std::string table = as_table(evaluation, console.out.terminal().width);
  if (evaluation.lines == nullptr && evaluation.characters == nullptr)
    return console.out.print(table);
  if (evaluation.lines) print_lines(*evaluation.lines, console.out);
  if (evaluation.characters) print_characters(*evaluation.characters, console.out);
  console.out.flush();
  console.talk.say(table);
}

Json as_json(const Evaluation& evaluation) {
  const auto [unknown, folded] = inexact(evaluation);
  const nn::LossSum& sum = evaluation.sum;
  Json json{{"loss", sum.loss()},
            {"bpc", sum.bpc()},
            {"bits_per_byte", bits_per_byte(evaluation)},
            {"perplexity", sum.perplexity()},
            {"characters", sum.count},
            {"unknown_characters", unknown},
            {"folded_characters", folded},
            {"bytes", bytes_of(evaluation)},
            {"protocol", evaluation.protocol},
            {"precision", evaluation.precision},
            {"dynamic_evaluation", evaluation.adapts},
            {"models", evaluation.models},
            {"probability_sum",
             {{"positions", evaluation.check.positions},
              {"largest_error", evaluation.check.largest_error}}}};
  if (evaluation.int8_cost) json["int8_cost"] = *evaluation.int8_cost;
  if (evaluation.lines) json["lines"] = lines_json(*evaluation.lines);
  if (evaluation.characters) json["scores"] = characters_json(*evaluation.characters);
  return json;
}

}  // namespace inkling::cli
