#include "cli/completion_output.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "cli/layout.h"
#include "cli/visible_text.h"
#include "text/display_width.h"

namespace inkling::cli {
namespace {

constexpr int bar_cells = 20;
constexpr int fixed_columns = 10;  // rank, and the spaces between all columns
constexpr size_t least_percent_columns = 8;
constexpr double shown_spread = 1e-4;
constexpr double certain = 0.99;      // a condition that needs no word
constexpr double least_shown = 5e-5;  // of a percentage with two decimals, which else are zeros

struct Row {
  std::string word;
  double probability;
  double spread = 0;    // between its bounds
  bool is_word = true;  // else the end of the text, which has no rank
};

// Two decimals, and of what they would round to zero two digits.
std::string percent(double p) {
  const double value = p * 100;
  return value == 0 || p >= least_shown ? fmt::format("{:.2f} %", value)
                                        : fmt::format("{:.2g} %", value);
}

double share_of_others(const std::vector<Row>& rows) {
  double rest = 1;
  for (const Row& row : rows) rest -= row.probability;
  return std::max(rest, 0.0);
}

void print_rows(const std::vector<Row>& rows, Console& console) {
  const Terminal& terminal = console.out.terminal();
  int64_t widest = 4;
  size_t percent_columns = least_percent_columns;
  for (const Row& row : rows) {
    widest = std::max(widest, text::display_width(row.word));
    percent_columns = std::max(percent_columns, percent(row.probability).size());
  }
  const int64_t beside_word = fixed_columns + static_cast<int64_t>(percent_columns);
  widest = std::min<int64_t>(widest, std::max<int64_t>(4, terminal.width - beside_word));
  const int64_t room = terminal.width - beside_word - widest;
  const int cells = static_cast<int>(std::clamp<int64_t>(room, 0, bar_cells));
  const double most = rows.empty() ? 1 : rows.front().probability;
  int rank = 0;
  for (const Row& row : rows) {
    std::string line =
        fmt::format("{:>3}  {}  {:>{}}", row.is_word ? std::to_string(++rank) : "-",
                    pad(cut(row.word, widest), widest), percent(row.probability), percent_columns);
    std::string spread;
    if (row.spread > shown_spread) spread = fmt::format(" ±{:.2f}", row.spread / 2 * 100);
    if (cells > 0)
      line +=
          "  " + pad(bar(row.probability / most, cells, terminal.utf8), spread.empty() ? 0 : cells);
    line += spread;
    line.erase(line.find_last_not_of(' ') + 1);
    console.out.print(line + "\n");
  }
  console.out.flush();
}

// With what stands before it, if that is more than a space: `"The` and `The` are two completions.
std::string shown(const std::string& word, std::string_view insert) {
  std::string_view lead;
  if (insert.ends_with(word)) lead = insert.substr(0, insert.size() - word.size());
  if (lead.starts_with(' ')) lead.remove_prefix(1);
  return tab_separated(visible(std::string(lead) + word));
}

// What the probabilities take for given.
const char* given_in(const generate::CompletionResult& result) {
  const auto& words = result.completions;
  if (!words.empty() && !words.front().insert.starts_with(' ')) return "the word ends here";
  return result.no_word > 0 ? "a space or the end follows" : "a space follows";
}

void say_none(Console& console) {
  console.talk.say("the model knows no word that could stand here");
}

}  // namespace

Json as_json(const std::string& prompt, const generate::CompletionResult& result) {
  Json completions = Json::array();
  for (const generate::Completion& completion : result.completions) {
    Json entry{{"word", completion.word},
               {"insert", completion.insert},
               {"probability", completion.probability()},
               {"log_probability", std::log(completion.probability())},
               {"low", completion.low},
               {"high", completion.high}};
    if (completion.words.size() > 1 || completion.ends) entry["words"] = completion.words;
    if (completion.ends) entry["ends"] = true;
    completions.push_back(std::move(entry));
  }
  return {{"prompt", prompt},
          {"begun", result.begun},
          {"completions", std::move(completions)},
          {"open_mass", result.open_mass},
          {"no_word", result.no_word},
          {"condition", result.condition},
          {"proven", result.proven},
          {"expansions", result.expansions}};
}

Json as_json(const std::string& prompt, const generate::FillResult& result) {
  Json completions = Json::array();
  for (const generate::Filling& filling : result.fillings) {
    completions.push_back({{"word", filling.word},
                           {"insert", filling.insert},
                           {"probability", filling.share},
                           {"log_probability", std::log(filling.share)},
                           {"text_log_probability", filling.log_probability}});
  }
  return {{"prompt", prompt},
          {"left", result.left},
          {"right", result.right},
          {"completions", std::move(completions)},
          {"candidates", result.candidates},
          {"ended_early", result.ended_early},
          {"proven", false}};
}

void print_table(const generate::CompletionResult& result, Console& console) {
  std::vector<Row> rows;
  bool phrases = false;
  for (const generate::Completion& c : result.completions) {
    rows.push_back({.word = shown(c.word, c.insert) + (c.ends ? " <end>" : ""),
                    .probability = c.probability(),
                    .spread = c.high - c.low});
    phrases = phrases || c.words.size() > 1 || c.ends;
  }
  const bool no_words = rows.empty();
  const std::string given = result.condition < certain
                                ? fmt::format("\ngiven that {}, whose probability is {}",
                                              given_in(result), percent(result.condition))
                                : "";
  if (result.no_word >= least_shown) {
    const auto behind = std::find_if(
        rows.begin(), rows.end(), [&](const Row& row) { return row.probability < result.no_word; });
    rows.insert(behind, {.word = "<end>", .probability = result.no_word, .is_word = false});
  }
  print_rows(rows, console);
  if (no_words && result.proven) return say_none(console);
  if (!no_words && phrases)
    return console.talk.say(
        fmt::format("the best that a beam of prefixes found; not proven; all others share {}{}",
                    percent(share_of_others(rows)), given));
  const std::string verdict =
      result.proven ? fmt::format("proven: no other is more probable; all others share {}",
                                  percent(share_of_others(rows)))
                    : fmt::format(
                          "not proven: {} of the probability was not looked at to its end; "
                          "--max-expansions and --time-limit-ms let it look further",
                          percent(result.open_mass));
  console.talk.say(verdict + given);
}

void print_table(const generate::FillResult& result, Console& console) {
  std::vector<Row> rows;
  // What goes into the gap: the word may have begun before it.
  for (const generate::Filling& f : result.fillings) {
    const bool adds = f.insert.find_first_not_of(' ') != std::string::npos;
    rows.push_back(
        {.word = adds ? shown(f.insert, f.insert) : "(nothing)", .probability = f.share});
  }
  print_rows(rows, console);
  if (rows.empty() && !result.ended_early) return say_none(console);
  const std::string early = result.ended_early
                                ? "; the search for these was ended early: --max-expansions and "
                                  "--time-limit-ms let it look further"
                                : "";
  console.talk.say(fmt::format("their shares among {} candidates; not proven{}",
                               grouped(result.candidates), early));
}

}  // namespace inkling::cli
