#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/command.h"
#include "cli/evaluation_report.h"
#include "cli/json_output.h"
#include "cli/keystroke_report.h"
#include "cli/layout.h"
#include "cli/model_options.h"
#include "cli/text_scores.h"
#include "generate/model_next_character.h"
#include "model/ensemble.h"
#include "train/train_options.h"

namespace inkling::cli {
namespace {

enum class Part { whole, train, validation, test };
constexpr std::array<std::string_view, 4> part_names{"whole", "train", "validation", "test"};
constexpr std::span<const std::string_view> names_of(Part) { return part_names; }

class EvaluateCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.take_arguments("FILE", 1, std::numeric_limits<size_t>::max());
    parser.group("What is scored");
    parser(Option{.name = "part", .meaning = "of each file, cut as in training"}, part_);
    parser(Option{.name = "split",
                  .meaning = "train/validation/test, per cent; without it as the model was trained",
                  .value = "A/B/C"},
           split_);
    parser(
        Option{.name = "encoding", .meaning = "of the files, any name ICU knows", .value = "NAME"},
        read_.encoding);
    parser(Option{.name = "invalid", .meaning = "ill-formed input: refuse, or replace by U+FFFD"},
           read_.invalid);
    parser.group("How");
    parser(Option{.name = "window",
                  .meaning = "windows of so many characters, each from the initial state; 0 = one "
                             "pass, the state carried",
                  .low = 0,
                  .high = 1e9},
           window_);
    parser(Option{.name = "streams",
                  .meaning =
                      "one pass cut into parallel streams, faster and nearly the same; 1 = exact",
                  .low = 1,
                  .high = 4096},
           streams_);
    parser(Option{.name = "adapt",
                  .meaning = "dynamic evaluation: the model learns each character after it has "
                             "predicted it, on a copy"},
           adapt_);
    adapt_options_.for_each_option(parser);
    parser(Option{.name = "apart",
                  .meaning = "each line by itself, as if a text began with it: of several, the "
                             "one with the fewest nats is the most probable"},
           apart_);
    parser.group("Completion");
    parser(
        Option{.name = "completion",
               .meaning = "type the text with the model's suggestions instead: keys saved, and how "
                          "often the next word is suggested"},
        completion_);
    parser(Option{.name = "keystrokes",
                  .meaning = "--completion: type only so many characters of it; 0 = all",
                  .low = 0},
           keystrokes_);
    parser.group("Output");
    parser(
        Option{.name = "per-line",
               .meaning =
                   "a line each, between tabs: number, nats per character, nats, characters, text"},
        per_line_);
    parser(Option{.name = "per-character", .meaning = "a line each, between tabs: character, nats"},
           per_character_);
    parser(Option{.name = "json", .meaning = "print one JSON object"}, json_);
    parser.group("Model");
    model_.for_each_option(parser);
    model_.for_each_ensemble_option(parser);
  }

  void run(const OptionParser& given, Console& console) override {
    given.refuse_without("--completion", completion_, {"keystrokes"});
    given.refuse_without("--adapt", adapt_, {"adapt-rate", "adapt-pull", "adapt-every"});
    validate();
    console.talk.set_quiet(model_.quiet);
    const std::vector<model::LanguageModel> models = model_.load_all();
    const model::LanguageModel& model = models.front();
    for (const model::LanguageModel& one : models) {
      if (one.config.shape == model::Shape::many_to_one && (streams_ > 1 || window_ > 0)) {
        usage_error(
            "the model reads a window of {} characters before each, whatever comes before: leave "
            "out --streams and --window",
            one.config.context);
      }
    }
    console.talk.status("reading ...");
    text::CorpusPart part = read_part(given.arguments(), model);
    if (apart_) text::frame_lines(part, model.vocabulary());
    if (completion_) {
      if (models.size() > 1) usage_error("--completion types with one model: leave --ensemble out");
      generate::ModelNextCharacter next(model, model_.precision, model_.thread_count());
      return report_keystrokes(next, part, keystrokes_, json_, console);
    }
    std::optional<TextScores> scores;
    if (per_line_ || per_character_) scores.emplace(part, model.vocabulary());
    const model::EvaluateOptions options{
        .window = window_,
        .streams = streams_,
        .lines_apart = apart_,
        .adapt = adapt_ ? std::optional(adapt_options_) : std::nullopt,
        .precision = model_.precision,
        .threads = model_.thread_count(),
        .scored = share_shown(part, models.size(), "", console.talk)};
    model::ScoreFn score;
    if (scores)
      score = [&](int64_t position, text::Token, double nats) { scores->set(position, nats); };
    const std::string precision = distinct(models, [&](const model::LanguageModel& one) {
      return std::string(name_of(model::precision_of(one, options)));
    });
    Evaluation evaluation{.part = part,
                          .vocabulary = model.vocabulary(),
                          .protocol = protocol(models, precision),
                          .precision = precision,
                          .adapts = adapt_,
                          .models = models.size()};
    evaluation.sum = model::evaluate_ensemble(models, part, options, score, &evaluation.check);
    console.talk.clear_status();
    if (evaluation.sum.count == 0) refuse_empty();
    require_probabilities(evaluation.check);
    if (model_.precision == nn::Precision::int8 && !adapt_)
      evaluation.int8_cost =
          evaluation.sum.loss() - float32_loss(models, part, options, console.talk);
    if (per_line_) evaluation.lines = &*scores;
    if (per_character_) evaluation.characters = &*scores;
    if (json_) {
      print_json(as_json(evaluation), console.out);
    } else {
      print_evaluation(evaluation, console);
    }
  }

 private:
  // Shows what share of the part all models have scored.
  static model::ScoredFn share_shown(const text::CorpusPart& part, size_t models,
                                     std::string_view how, Talk& talk) {
    const auto characters = static_cast<int64_t>(part.text.tokens.size());
    const int64_t all = characters * static_cast<int64_t>(models);
    const std::string line = fmt::format("scoring {} characters{}", grouped(characters), how);
    talk.status(line + " ...");
    return [=, &talk, shown = int64_t{0}](int64_t scored) mutable {
      const int64_t percent = 100 * scored / all;
      if (percent != std::exchange(shown, percent))
        talk.status(fmt::format("{:3} %  {}", percent, line));
    };
  }

  static double float32_loss(const std::vector<model::LanguageModel>& models,
                             const text::CorpusPart& part, model::EvaluateOptions options,
                             Talk& talk) {
    options.precision = nn::Precision::f32;
    options.scored = share_shown(part, models.size(), " once more, in float32", talk);
    const nn::LossSum sum = model::evaluate_ensemble(models, part, options);
    talk.clear_status();
    return sum.loss();
  }

  [[noreturn]] void refuse_empty() const {
    if (part_ == Part::whole)
      data_error(
          "there is nothing to predict: the text has no second character; give a longer one");
    data_error(
        "there is nothing to predict: the {} part of the text has no second character; give "
        "another --split or --part, or a longer text",
        part_names[static_cast<size_t>(part_)]);
  }

  static void require_probabilities(const model::ProbabilityCheck& check) {
    if (check.largest_error < 1e-3) return;
    data_error(
        "the probabilities of all characters add up to 1 only to within {:.2g}: the model is "
        "damaged, or this machine's arithmetic is; try --precision f32",
        check.largest_error);
  }

  void validate() const {
    if (completion_ &&
        (per_line_ || per_character_ || window_ > 0 || streams_ > 1 || adapt_ || apart_)) {
      usage_error(
          "--completion types the text instead of scoring it: leave out --per-line, "
          "--per-character, --window, --streams, --apart and --adapt");
    }
    if (per_line_ && per_character_)
      usage_error("--per-line and --per-character exclude each other: give one");
    if (streams_ > 1 && window_ > 0)
      usage_error("--streams and --window exclude each other: give one");
    if (adapt_ && (streams_ > 1 || window_ > 0 || apart_))
      usage_error("--adapt makes one pass: leave out --streams, --window and --apart");
    if (adapt_ && model_.precision != nn::Precision::automatic &&
        model_.precision != nn::Precision::f32)
      usage_error("--adapt trains and scores in float32: leave out --precision");
    if (model_.precision == nn::Precision::int8 && (streams_ > 1 || window_ > 0))
      usage_error("--precision int8 scores in one pass: leave out --streams and --window");
    if (streams_ > 1 && (per_line_ || per_character_)) {
      usage_error("--streams {} knows no scores of single characters; leave it out", streams_);
    }
    if (!split_.empty()) {
      if (part_ == Part::whole)
        usage_error("--split cuts the files, but --part whole takes all; give --part too");
      corpus_options(split_);
    }
  }

  text::CorpusOptions corpus_options(const std::string& split) const {
    train::TrainOptions options;
    options.split = split;
    text::CorpusOptions corpus = options.corpus_options();
    corpus.read = read_;
    return corpus;
  }

  // How the files were cut when the model was trained, so that its own validation part is found
  // again.
  text::CorpusOptions recorded_options(const model::LanguageModel& model) const {
    const auto recorded = model.history.options.find("split");
    if (recorded == model.history.options.end()) return corpus_options(train::TrainOptions().split);
    try {
      return corpus_options(recorded->second);
    } catch (const UsageError& error) {
      data_error(
          "the model records what no run can have ({}): it is damaged or forged; give --split",
          error.what());
    }
  }

  text::CorpusPart read_part(const std::vector<std::string>& paths,
                             const model::LanguageModel& model) const {
    const std::vector<text::SourceText> sources =
        text::read_texts(paths, read_, model.tokenizer.options().unit);
    if (part_ == Part::whole) return text::make_part(sources, model.tokenizer);
    text::Corpus corpus = text::make_corpus(
        sources, split_.empty() ? recorded_options(model) : corpus_options(split_),
        &model.tokenizer);
    if (part_ == Part::train) return std::move(corpus.train);
    return std::move(part_ == Part::validation ? corpus.validation : corpus.test);
  }

  // What `text_of` says of the models of an ensemble, each thing once.
  static std::string distinct(
      const std::vector<model::LanguageModel>& models,
      const std::function<std::string(const model::LanguageModel&)>& text_of) {
    std::vector<std::string> texts;
    for (const model::LanguageModel& model : models) {
      std::string text = text_of(model);
      if (std::find(texts.begin(), texts.end(), text) == texts.end())
        texts.push_back(std::move(text));
    }
    return fmt::format("{}", fmt::join(texts, " and "));
  }

  // How it was scored.
  std::string protocol(const std::vector<model::LanguageModel>& models,
                       const std::string& precision) const {
    std::string protocol =
        distinct(models, [this](const model::LanguageModel& model) { return one_pass(model); });
    if (apart_) protocol += ", each line by itself";
    if (model_.ensemble) protocol += fmt::format("; the mean of {} models", model_.model.size());
    protocol += "; in " + precision;
    if (!adapt_) return protocol;
    return fmt::format("dynamic evaluation (rate {}, pull {}, every {} characters), {}",
                       adapt_options_.rate, adapt_options_.pull, adapt_options_.every, protocol);
  }

  std::string one_pass(const model::LanguageModel& model) const {
    if (model.config.shape == model::Shape::many_to_one) {
      return fmt::format("a window of {} characters before each", model.config.context);
    }
    if (window_ > 0)
      return fmt::format("windows of {} characters, each from the initial state", window_);
    if (streams_ > 1) return fmt::format("stateful, in {} parallel streams", streams_);
    return "stateful, in one pass from the initial state";
  }

  ModelOptions model_;
  text::ReadOptions read_;
  Part part_ = Part::whole;
  std::string split_;
  int64_t window_ = 0;
  bool adapt_ = false;
  model::AdaptOptions adapt_options_;
  int64_t streams_ = 1;
  bool completion_ = false;
  int64_t keystrokes_ = 0;
  bool per_line_ = false;
  bool apart_ = false;
  bool per_character_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_evaluate_command() { return std::make_unique<EvaluateCommand>(); }

}  // namespace inkling::cli
