#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/command.h"
#include "cli/completion_session.h"
#include "cli/json_output.h"
#include "cli/model_ensemble.h"
#include "cli/model_options.h"

namespace inkling::cli {
namespace {

// Parameters from which on threads of their own are worth starting for one answer.
constexpr size_t parameters_worth_threads = 8'000'000;

class CompleteCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.take_arguments("TEXT", 0, 1);
    parser.group("Completion");
    request_.options.for_each_option(parser);
    parser(Option{.name = "fill",
                  .meaning = "words for the gap ___ in the midst of TEXT; in a single line it need "
                             "not be given"},
           fill_);
    parser.group("Input and output");
    parser(
        Option{.name = "stdin",
               .meaning = "complete each line of standard input, at once; with --json a line is a "
                          "JSON string, or an object with prompt, options and id"},
        stdin_);
    parser(Option{.name = "json", .meaning = "print one JSON object for each text"}, json_);
    parser(
        Option{
            .name = "insert",
            .meaning =
                "print what to append to TEXT, one completion a line, and nothing else; none that "
                "begins a new line"},
        insert_);
    parser.group("Model");
    model_.for_each_option(parser);
    model_.for_each_ensemble_option(parser);
  }

  void run(const OptionParser& given, Console& console) override {
    if (stdin_ && !given.arguments().empty()) {
      usage_error("--stdin completes lines of standard input: leave TEXT out");
    }
    if (insert_ && (json_ || stdin_ || fill_)) {
      usage_error("--insert stands alone: leave --json, --stdin and --fill out");
    }
    if (!stdin_ && given.arguments().empty()) usage_error("TEXT is missing");
    const bool text_is_given = !stdin_ && given.arguments().front() != "-";
    const auto refuse_idle = [&] {
      given.refuse_without("--fill", request_.fills(), {"candidates"});
    };
    settle(text_is_given ? given.arguments().front() : "");
    if (text_is_given) refuse_idle();
    console.talk.set_quiet(model_.quiet);
    const std::vector<model::LanguageModel> models = model_.load_all();
    const model::LanguageModel& model = models.front();
    generate::EnsembleNextCharacter next = together(models, model_.precision, threads_for(model));
    CompletionSession session(next, console);
    if (stdin_) {
      if (!fill_) request_.fill.reset();  // each line decides for itself
      if (!session.answer_lines(request_, json_)) data_error("not every line was completed");
      return;
    }
    const text::Unit unit = model.tokenizer.options().unit;
    settle(text_argument(given.arguments().front(), unit, "the text"));
    refuse_idle();
    if (insert_) {
      session.print_inserts(request_);
      return;
    }
    session.notice_unknown(request_);
    if (json_) {
      print_json(session.answer(request_), console.out);
    } else {
      session.print_answer(request_);
    }
  }

 private:
  void settle(std::string text) {
    request_.prompt = std::move(text);
    request_.fill = fill_ ? std::optional(true) : insert_ ? std::optional(false) : std::nullopt;
    request_.settle();
  }

  int threads_for(const model::LanguageModel& model) const {
    const bool none_given = model_.threads == 0 && !stdin_;
    return none_given && model.weights.size() < parameters_worth_threads ? 1
                                                                         : model_.thread_count();
  }

  CompletionRequest request_;
  ModelOptions model_;
  bool fill_ = false;
  bool stdin_ = false;
  bool json_ = false;
  bool insert_ = false;
};

}  // namespace

std::unique_ptr<Command> make_complete_command() { return std::make_unique<CompleteCommand>(); }

}  // namespace inkling::cli
