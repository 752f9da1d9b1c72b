#include <cmath>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/layout.h"
#include "cli/model_options.h"
#include "cli/visible_text.h"
#include "generate/completer.h"
#include "generate/model_next_character.h"
#include "text/display_width.h"

namespace inkling::cli {
namespace {

constexpr int bar_cells = 20;
constexpr int fixed_columns = 18;  // rank, probability and the spaces between

// "47.31": what is certain in two digits; a spread between the bounds beside it where there is one.
std::string percent(double p) { return fmt::format("{:.2f} %", p * 100); }

Json completion_json(const generate::Completion& completion) {
  return {{"word", completion.word},
          {"insert", completion.insert},
          {"probability", completion.probability()},
          {"log_probability", std::log(completion.probability())}};
}

class CompleteCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.take_arguments("TEXT", 1, 1);
    parser.group("Completion");
    completion_.for_each_option(parser);
    parser(Option{.name = "json", .meaning = "print one JSON object"}, json_);
    parser.group("Model");
    model_.for_each_option(parser);
  }

  void run(const OptionParser& given, Console& console) override {
    completion_.validate();
    console.talk.set_quiet(model_.quiet);
    const model::LanguageModel model = model_.load();
    const std::string prompt =
        text_argument(given.arguments().front(), model.tokenizer.options().unit, "the text");
    notice_unknown(model.tokenizer, generate::without_gap(prompt), console.talk);
    generate::ModelNextCharacter next(model, model_.precision, model_.thread_count());
    generate::Completer completer(next);
    const generate::CompletionResult result = completer.complete(prompt, completion_);
    if (json_) {
      print_result_json(prompt, result, console.out);
    } else {
      print_table(result, console);
    }
  }

 private:
  static void print_result_json(const std::string& prompt, const generate::CompletionResult& result,
                                Output& out) {
    Json completions = Json::array();
    for (const generate::Completion& completion : result.completions)
      completions.push_back(completion_json(completion));
    print_json({{"prompt", prompt},
                {"begun", result.begun},
                {"completions", std::move(completions)},
                {"open_mass", result.open_mass},
                {"no_word", result.no_word},
                {"proven", result.proven}},
               out);
  }

  static void print_table(const generate::CompletionResult& result, Console& console) {
    const Terminal& terminal = console.out.terminal();
    int64_t widest = 4;
    for (const generate::Completion& completion : result.completions) {
      widest = std::max(widest, text::display_width(visible(completion.word)));
    }
    widest = std::min<int64_t>(widest, std::max(4, terminal.width - fixed_columns));
    const int64_t room = terminal.width - fixed_columns - widest;
    const int cells = static_cast<int>(std::clamp<int64_t>(room, 0, bar_cells));
    const double most = result.completions.empty() ? 1 : result.completions.front().probability();
    for (size_t i = 0; i < result.completions.size(); ++i) {
      const generate::Completion& completion = result.completions[i];
      std::string line =
          fmt::format("{:>3}  {}  {:>8}", i + 1, pad(cut(visible(completion.word), widest), widest),
                      percent(completion.probability()));
      if (cells > 0) line += "  " + bar(completion.probability() / most, cells, terminal.utf8);
      line.erase(line.find_last_not_of(' ') + 1);
      console.out.print(line + "\n");
    }
    console.out.flush();
    if (result.completions.empty())
      console.talk.say("the model knows no word that could stand here");
    if (!result.proven) {
      console.talk.say(
          fmt::format("not proven: {} of the probability was not looked at to its end; "
                      "--max-expansions and --time-limit-ms let it look further",
                      percent(result.open_mass)));
    }
  }

  generate::CompletionOptions completion_;
  ModelOptions model_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_complete_command() { return std::make_unique<CompleteCommand>(); }

}  // namespace inkling::cli
