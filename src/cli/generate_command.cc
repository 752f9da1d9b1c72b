#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/model_ensemble.h"
#include "cli/model_options.h"
#include "cli/novelty_report.h"
#include "cli/word_wrap.h"
#include "generate/generator.h"
#include "text/corpus.h"

namespace inkling::cli {
namespace {

class GenerateCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.take_arguments("CORPUS", 0, std::numeric_limits<size_t>::max());
    parser.group("Prompt");
    parser(Option{.name = "prompt",
                  .meaning = "the text goes on from this; - = standard input",
                  .value = "TEXT",
                  .letter = 'p'},
           prompt_);
    parser(Option{.name = "prompt-file",
                  .meaning = "the text goes on from this file's, less a line end at its end",
                  .value = "FILE"},
           prompt_file_);
    parser.group("Length");
    length_.for_each_option(parser);
    parser.group("Sampling");
    sampling_.for_each_option(parser);
    parser.group("Output");
    parser(Option{.name = "novelty",
                  .meaning = "mark what stands word for word in CORPUS (files and folders), and "
                             "say how much that is"},
           novelty_);
    parser(Option{.name = "novelty-min",
                  .meaning = "characters of a passage that counts",
                  .low = 1,
                  .high = 1e9},
           novelty_min_);
    parser(Option{.name = "json", .meaning = "print a JSON object for each text, on a line"},
           json_);
    parser.group("Model");
    model_.for_each_option(parser);
    model_.for_each_ensemble_option(parser);
  }

  void run(const OptionParser& given, Console& console) override {
    if (given.given("prompt") && given.given("prompt-file")) {
      usage_error("--prompt and --prompt-file exclude each other: give one");
    }
    check_corpus(given.arguments());
    length_.validate();
    sampling_.validate();
    given.refuse_without("--novelty", novelty_, {"novelty-min"});
    given.refuse_without("--mirostat 2", sampling_.steers(), {"mirostat-ent", "mirostat-lr"});
    given.refuse_without("--dry-multiplier", sampling_.dry_multiplier != 0,
                         {"dry-base", "dry-allowed-length", "dry-penalty-last-n"});
    console.talk.set_quiet(model_.quiet);
    const std::vector<model::LanguageModel> models = model_.load_all();
    const text::Tokenizer& tokenizer = models.front().tokenizer;
    const std::string prompt = read_prompt(tokenizer.options().unit);
    notice_unknown(tokenizer, prompt, console.talk);
    const uint64_t seed = sampling_.chosen_seed();
    if (sampling_.seed < 0 && sampling_.by_chance())
      console.talk.say(fmt::format("seed: {}", seed));

    generate::EnsembleNextCharacter ensemble =
        together(models, model_.precision, model_.thread_count());
    generate::Generator generator(ensemble, sampling_, length_, seed);
    if (!novelty_) {
      if (!json_) return write_texts(generator, prompt, console.out);
      return write_json(generator, prompt, seed, console.out);
    }
    const std::vector<text::SourceText> corpus =
        text::read_texts(given.arguments(), {.advise_options = false}, tokenizer.options().unit);
    std::vector<std::string> texts(1);
    std::vector<generate::Written> written;
    console.talk.status("writing ...");
    generator.write_all(prompt,
                        {.piece = [&](uint64_t, std::string_view piece) { texts.back() += piece; },
                         .end =
                             [&](uint64_t, const generate::Written& end) {
                               written.push_back(end);
                               texts.emplace_back();
                             }});
    texts.pop_back();
    console.talk.status("comparing with the corpus ...");
    const std::vector<generate::Novelty> novelties =
        generate::compare_with_corpus(texts, corpus, tokenizer, novelty_min_);
    console.talk.clear_status();
    if (!json_) return print_compared(prompt, texts, novelties, console.out);
    for (size_t i = 0; i < texts.size(); ++i) {
      Json json = text_json(i, prompt, seed, texts[i], written[i]);
      json["novelty"] = novelty_json(texts[i], novelties[i], novelty_min_);
      print_json(json, console.out);
    }
  }

 private:
  void check_corpus(const std::vector<std::string>& corpus) const {
    if (novelty_ && corpus.empty())
      usage_error("--novelty needs the CORPUS to compare with: give its files or folders");
    if (!novelty_ && !corpus.empty()) {
      usage_error(
          "'{}' is one argument too many: a text to go on from follows --prompt, in quotation "
          "marks, a CORPUS --novelty",
          corpus.front());
    }
  }

  static Json text_json(uint64_t index, const std::string& prompt, uint64_t seed,
                        const std::string& text, const generate::Written& written) {
    return {{"index", index},
            {"seed", seed},
            {"prompt", prompt},
            {"text", text},
            {"ending", name_of(written.ending)},
            {"characters", written.characters}};
  }

  // A line for each text as soon as it is written.
  static void write_json(generate::Generator& generator, const std::string& prompt, uint64_t seed,
                         Output& out) {
    std::string text;
    generator.write_all(prompt, {.piece = [&](uint64_t, std::string_view piece) { text += piece; },
                                 .end =
                                     [&](uint64_t index, const generate::Written& written) {
                                       print_json(text_json(index, prompt, seed, text, written),
                                                  out);
                                       out.flush();
                                       text.clear();
                                     }});
  }

  void print_compared(const std::string& prompt, const std::vector<std::string>& texts,
                      const std::vector<generate::Novelty>& novelties, Output& out) const {
    for (size_t i = 0; i < texts.size(); ++i) {
      if (i > 0) out.print("---\n");
      WordWrap lines = wrap(out);
      print_prompt(prompt, lines, out);
      print_marked(texts[i], novelties[i], lines, out);
      const std::string& last = texts[i].empty() ? prompt : texts[i];
      if (!last.empty() && !last.ends_with('\n')) out.print("\n");
    }
    out.print("---\n");
    print_novelty(texts, novelties, novelty_min_, out);
  }

  static WordWrap wrap(Output& out) {
    return {[&out] { return out.columns(); },
            {[&out](std::string_view text) { out.stream(text); },
             [&out](std::string_view) { out.print("\n"); }}};
  }

  static void print_prompt(const std::string& prompt, WordWrap& wrap, Output& out) {
    const bool color = out.terminal().color && !prompt.empty();
    if (color) out.print("\033[1m");
    wrap.add(prompt);
    wrap.finish();
    if (color) out.print("\033[0m");
  }

  std::string read_prompt(text::Unit unit) const {
    if (prompt_file_.empty()) return text_argument(prompt_, unit, "the prompt");
    return text_in_file(prompt_file_, unit);
  }

  static void write_texts(generate::Generator& generator, const std::string& prompt, Output& out) {
    bool line_is_open = false, begun = false;
    std::optional<WordWrap> lines;
    const auto begin = [&](uint64_t index) {
      if (std::exchange(begun, true)) return;
      if (index > 0) out.print("---\n");
      lines.emplace(wrap(out));
      print_prompt(prompt, *lines, out);
      line_is_open = !prompt.empty() && !prompt.ends_with('\n');
    };
    begin(0);
    const generate::TextsSink sink{.piece =
                                       [&](uint64_t index, std::string_view piece) {
                                         begin(index);
                                         lines->add(piece);
                                         line_is_open = !piece.ends_with('\n');
                                       },
                                   .end =
                                       [&](uint64_t index, const generate::Written&) {
                                         begin(index);
                                         lines->finish();
                                         if (line_is_open) out.print("\n");
                                         out.flush();
                                         begun = false;
                                       }};
    try {
      generator.write_all(prompt, sink);
    } catch (const Error&) {
      lines->finish();  // what was written before the failure
      throw;
    }
  }

  generate::SamplingOptions sampling_;
  generate::GenerateOptions length_;
  ModelOptions model_;
  std::string prompt_;
  std::string prompt_file_;
  bool novelty_ = false;
  int64_t novelty_min_ = 30;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_generate_command() { return std::make_unique<GenerateCommand>(); }

}  // namespace inkling::cli
