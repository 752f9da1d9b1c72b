#include <cmath>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/layout.h"
#include "cli/model_options.h"
#include "cli/trace_steps.h"
#include "cli/visible_text.h"
#include "text/display_width.h"

namespace inkling::cli {
namespace {

// Six digits: what float32 holds, without the noise of its conversion.
Json rounded(const std::vector<float>& values) {
  Json numbers = Json::array();
  for (const float value : values)
    numbers.push_back(std::round(static_cast<double>(value) * 1e6) / 1e6);
  return numbers;
}

// The columns that fit into a width.
struct TraceLayout {
  int64_t input_width = 0;
  int cells = 16;  // of the picture of the hidden state
  bool norm = true;
  size_t best = 3;
  int64_t best_width = 0;
};

class TraceCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.take_arguments("TEXT", 1, 1);
    parser.group("Trace");
    parser(Option{.name = "words", .meaning = "a step for each word, with the best next word"},
           words_);
    parser(Option{.name = "json", .meaning = "print one JSON object"}, json_);
    parser.group("Model");
    model_.for_each_option(parser);
  }

  void run(const OptionParser& given, Console& console) override {
    console.talk.set_quiet(model_.quiet);
    if (given.arguments().front().empty()) usage_error("TEXT is empty: there is nothing to trace");
    const model::LanguageModel model = model_.load();
    const std::string text =
        text_argument(given.arguments().front(), model.tokenizer.options().unit, "the text");
    notice_unknown(model.tokenizer, text, console.talk);
    const auto trace = words_ ? trace_words : trace_characters;
    const std::vector<TraceStep> steps =
        trace(model, text, model_.precision, model_.thread_count());
    if (json_) {
      print_steps_json(text, steps, console.out);
    } else if (steps.empty()) {
      console.talk.say("there is no word in the text: without --words it is traced by characters");
    } else {
      print_table(steps, console.out);
    }
  }

 private:
  void print_steps_json(const std::string& text, const std::vector<TraceStep>& steps,
                        Output& out) const {
    Json list = Json::array();
    for (const TraceStep& step : steps) {
      Json best = Json::array();
      for (const auto& [guess, probability] : step.best) {
        best.push_back(
            {{words_ ? "word" : "character", character_name(guess)}, {"probability", probability}});
      }
      Json entry{{"input", character_name(step.input)},
                 {"hidden_norm", step.hidden_norm()},
                 {"hidden_state", rounded(step.hidden)},
                 {"best", std::move(best)},
                 {"came", step.came.empty() ? Json() : Json(character_name(step.came))},
                 {"came_probability", step.came.empty() ? Json() : Json(step.came_probability)}};
      list.push_back(std::move(entry));
    }
    print_json({{"text", text}, {"steps", std::move(list)}}, out);
  }

  std::string shown(const std::string& piece, const Terminal& terminal) const {
    return words_ ? visible(piece) : visible_character(piece, terminal.utf8);
  }

  std::string guess_text(const TraceStep::Guess& guess, const Terminal& terminal) const {
    return fmt::format("{} {:.2f}", shown(guess.text, terminal), guess.probability);
  }

  TraceLayout layout(const std::vector<TraceStep>& steps, const Terminal& terminal) const {
    TraceLayout layout;
    layout.input_width = 5;
    layout.best_width = words_ ? 9 : 7;
    for (const TraceStep& step : steps) {
      layout.input_width =
          std::max(layout.input_width, text::display_width(shown(step.input, terminal)));
      for (const TraceStep::Guess& guess : step.best) {
        layout.best_width =
            std::max(layout.best_width, text::display_width(guess_text(guess, terminal)));
      }
    }
    if (words_) layout.best = 1;
    const auto columns = [&] {
      const auto best = static_cast<int64_t>(layout.best) * (layout.best_width + 2);
      return layout.input_width + (layout.norm ? 8 : 0) +
             (layout.cells > 0 ? layout.cells + 2 : 0) + best + 12;
    };
    if (columns() > terminal.width) layout.cells = 8;
    if (columns() > terminal.width) layout.best = 1;
    if (columns() > terminal.width) layout.cells = 0;
    if (columns() > terminal.width) layout.norm = false;
    return layout;
  }

  void print_table(const std::vector<TraceStep>& steps, Output& out) const {
    const Terminal& terminal = out.terminal();
    const TraceLayout columns = layout(steps, terminal);
    const auto print_row = [&](const std::string& input, const std::string& norm,
                               const std::string& picture, const std::string& best,
                               const std::string& came) {
      std::string row = pad(input, columns.input_width);
      if (columns.norm) row += fmt::format("  {:>6}", norm);
      if (columns.cells > 0) row += "  " + pad(picture, columns.cells);
      row += "  " + pad(best, static_cast<int64_t>(columns.best) * (columns.best_width + 2)) + came;
      row.erase(row.find_last_not_of(' ') + 1);
      out.print((terminal.is_terminal ? cut(row, terminal.width) : row) + "\n");
    };
    print_row("input", "|h|", columns.cells >= 12 ? "hidden state" : "state",
              columns.best > 1 ? "best next" : "best", "came");
    for (const TraceStep& step : steps) {
      std::string best;
      for (size_t i = 0; i < std::min(columns.best, step.best.size()); ++i) {
        best += pad(guess_text(step.best[i], terminal), columns.best_width + 2);
      }
      std::string came = step.came.empty() ? "" : shown(step.came, terminal);
      if (!step.came.empty()) came += fmt::format(" {:.2f}", step.came_probability);
      print_row(shown(step.input, terminal), fmt::format("{:.2f}", step.hidden_norm()),
                sparkline(step.hidden, columns.cells, terminal.utf8), best, came);
    }
  }

  ModelOptions model_;
  bool words_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_trace_command() { return std::make_unique<TraceCommand>(); }

}  // namespace inkling::cli
