#include <unistd.h>

#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/line_reader.h"
#include "cli/model_options.h"
#include "cli/prompt_session.h"

namespace inkling::cli {
namespace {

class PromptCommand final : public Command {
 public:
  PromptCommand() { length_.n = 200; }

  void declare(OptionParser& parser) override {
    parser.group("Length of each text");
    length_.for_each_option(parser);
    parser.group("Sampling");
    sampling_.for_each_option(parser);
    parser.group("Learning");
    parser(
        Option{.name = "learn",
               .meaning = "learn from what is typed, on a copy of the model; /save-model keeps it"},
        learn_);
    adapt_.for_each_option(parser);
    parser.group("Model");
    model_.for_each_option(parser);
  }

  void run(const OptionParser&, Console& console) override {
    length_.validate();
    sampling_.validate();
    if (length_.count != 1)
      usage_error("--count is for 'generate'; here /regen writes another text");
    console.talk.set_quiet(model_.quiet);
    const model::LanguageModel model = model_.load();
    std::optional<generate::ModelNextCharacter> still;
    std::optional<generate::LearningModel> learning;
    if (learn_) {
      learning.emplace(model, adapt_, model_.precision, model_.thread_count());
    } else {
      still.emplace(model, model_.precision, model_.thread_count());
    }

    std::optional<InterruptFlag> interrupt;
    if (isatty(STDIN_FILENO) == 1) {
      interrupt.emplace();
      console.talk.say(
          "Write a line, and the model goes on from it. /help lists the commands, Ctrl-D leaves.");
    }
    converse(learning ? learning->next_character() : *still, learning ? &*learning : nullptr,
             interrupt ? &*interrupt : nullptr, console);
  }

 private:
  // interrupt is null where no person sits at the other end, learning where nothing is learned.
  void converse(generate::NextCharacter& next, generate::LearningModel* learning,
                InterruptFlag* interrupt, Console& console) const {
    PromptSession session(next, sampling_, length_, interrupt, console);
    if (learning) session.learn_with(*learning);
    LineReader reader(interrupt);
    std::string line;
    while (true) {
      if (interrupt) {
        interrupt->clear();
        console.talk.ask("> ");
      }
      const LineReader::Result result = reader.read(line);
      if (result == LineReader::Result::interrupted) {
        console.talk.insist("\nCtrl-D or /quit leaves.");
        continue;
      }
      if (result == LineReader::Result::end) break;
      if (!session.take_line(line)) return;
    }
    if (interrupt) console.talk.insist("");  // the shell's prompt begins a line
  }

  generate::SamplingOptions sampling_;
  generate::GenerateOptions length_;
  ModelOptions model_;
  bool learn_ = false;
  model::AdaptOptions adapt_;
};

}  // namespace

std::unique_ptr<Command> make_prompt_command() { return std::make_unique<PromptCommand>(); }

}  // namespace inkling::cli
