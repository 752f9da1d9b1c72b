#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/model_options.h"
#include "generate/ensemble_next_character.h"
#include "generate/generator.h"
#include "generate/model_next_character.h"
#include "text/corpus.h"

namespace inkling::cli {
namespace {

class GenerateCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.group("Prompt");
    parser(Option{.name = "prompt",
                  .meaning = "the text goes on from this; - = standard input",
                  .value = "TEXT",
                  .letter = 'p'},
           prompt_);
    parser(Option{.name = "prompt-file",
                  .meaning = "the text goes on from this file's, less a line feed at its end",
                  .value = "FILE"},
           prompt_file_);
    parser.group("Length");
    length_.for_each_option(parser);
    parser.group("Sampling");
    sampling_.for_each_option(parser);
    parser.group("Model");
    model_.for_each_option(parser);
    model_.for_each_ensemble_option(parser);
  }

  void run(const OptionParser& given, Console& console) override {
    if (given.given("prompt") && given.given("prompt-file")) {
      usage_error("--prompt and --prompt-file exclude each other: give one");
    }
    length_.validate();
    sampling_.validate();
    console.talk.set_quiet(model_.quiet);
    const std::vector<model::LanguageModel> models = model_.load_all();
    const text::Tokenizer& tokenizer = models.front().tokenizer;
    const std::string prompt = read_prompt(tokenizer.options().unit);
    notice_unknown(tokenizer, prompt, console.talk);
    const uint64_t seed = sampling_.chosen_seed();
    if (sampling_.seed < 0 && sampling_.temp > 0) console.talk.say(fmt::format("seed: {}", seed));

    std::vector<std::unique_ptr<generate::NextCharacter>> members;
    for (const model::LanguageModel& model : models) {
      members.push_back(std::make_unique<generate::ModelNextCharacter>(model, model_.precision,
                                                                       model_.thread_count()));
    }
    generate::EnsembleNextCharacter ensemble(std::move(members));
    generate::Generator generator(ensemble, sampling_, length_, seed);
    write_texts(generator, prompt, console.out);
  }

 private:
  std::string read_prompt(text::Unit unit) const {
    if (prompt_file_.empty()) return text_argument(prompt_, unit, "the prompt");
    std::string text = text::read_texts({prompt_file_}, {}, unit).front().text;
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }

  static void write_texts(generate::Generator& generator, const std::string& prompt, Output& out) {
    bool line_is_open = false, begun = false;
    const auto begin = [&](uint64_t index) {
      if (std::exchange(begun, true)) return;
      if (index > 0) out.print("---\n");
      const bool color = out.terminal().color && !prompt.empty();
      if (color) out.print("\033[1m");
      out.stream(prompt);
      if (color) out.print("\033[0m");
      line_is_open = !prompt.empty() && !prompt.ends_with('\n');
    };
    begin(0);
    generator.write_all(prompt, {.piece =
                                     [&](uint64_t index, std::string_view piece) {
                                       begin(index);
                                       out.stream(piece);
                                       line_is_open = !piece.ends_with('\n');
                                     },
                                 .end =
                                     [&](uint64_t index, const generate::Written&) {
                                       begin(index);
                                       if (line_is_open) out.print("\n");
                                       out.flush();
                                       begun = false;
                                     }});
  }

  generate::SamplingOptions sampling_;
  generate::GenerateOptions length_;
  ModelOptions model_;
  std::string prompt_;
  std::string prompt_file_;
};

}  // namespace

std::unique_ptr<Command> make_generate_command() { return std::make_unique<GenerateCommand>(); }

}  // namespace inkling::cli
