#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/keystroke_report.h"
#include "cli/layout.h"
#include "cli/model_options.h"
#include "cli/text_scores.h"
#include "cli/visible_text.h"
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
    parser(Option{.name = "per-line",
                  .meaning = "a line each, between tabs: number, loss, characters, text"},
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
    console.talk.status("reading ...");
    const text::CorpusPart part = read_part(given.arguments(), model);
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
        .adapt = adapt_ ? std::optional(adapt_options_) : std::nullopt,
        .precision = model_.precision,
        .threads = model_.thread_count(),
        .scored = share_shown(part, models.size(), "", console.talk)};
    model::ScoreFn score;
    if (scores)
      score = [&](int64_t position, text::Token, double nats) { scores->set(position, nats); };
    model::ProbabilityCheck check;
    const nn::LossSum sum = model::evaluate_ensemble(models, part, options, score, &check);
    console.talk.clear_status();
    if (sum.count == 0) refuse_empty();
    require_probabilities(check);
    if (model_.precision == nn::Precision::int8 && !adapt_)
      int8_cost_ = sum.loss() - float32_loss(models, part, options, console.talk);
    report(model, part, sum, check, scores, console);
  }

 private:
  // Shows what share of the part all models have scored.
  static model::ScoredFn share_shown(const text::CorpusPart& part, size_t models,
                                     std::string_view how, Talk& talk) {
    const auto characters = static_cast<int64_t>(part.text.tokens.size());
    const int64_t all = characters * static_cast<int64_t>(models);
    const std::string line = fmt::format("scoring {} characters{} ...", grouped(characters), how);
    talk.status(line);
    return [=, &talk, shown = int64_t{0}](int64_t scored) mutable {
      const int64_t percent = 100 * scored / all;
      if (percent != std::exchange(shown, percent))
        talk.status(fmt::format("{} {} %", line, percent));
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
    if (completion_ && (per_line_ || per_character_ || window_ > 0 || streams_ > 1 || adapt_)) {
      usage_error(
          "--completion types the text instead of scoring it: leave out --per-line, "
          "--per-character, --window, --streams and --adapt");
    }
    if (per_line_ && per_character_)
      usage_error("--per-line and --per-character exclude each other: give one");
    if (streams_ > 1 && window_ > 0)
      usage_error("--streams and --window exclude each other: give one");
    if (adapt_ && (streams_ > 1 || window_ > 0))
      usage_error("--adapt makes one pass: leave out --streams and --window");
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

  std::string protocol(const model::LanguageModel& model) const {
    std::string pass =
        one_pass(model) +
        (model_.ensemble ? fmt::format("; the mean of {} models", model_.model.size()) : "");
    if (!adapt_) return pass;
    return fmt::format("dynamic evaluation (rate {}, pull {}, every {} characters), {}",
                       adapt_options_.rate, adapt_options_.pull, adapt_options_.every, pass);
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

  void report(const model::LanguageModel& model, const text::CorpusPart& part,
              const nn::LossSum& sum, const model::ProbabilityCheck& check,
              const std::optional<TextScores>& scores, Console& console) const {
    int64_t unknown = 0;
    for (const text::Tokens::Inexact& inexact : part.text.inexact) {
      if (part.text.tokens[static_cast<size_t>(inexact.position)] == model.vocabulary().unknown())
        ++unknown;
    }
    const int64_t folded = static_cast<int64_t>(part.text.inexact.size()) - unknown;
    const double bits_per_byte =
        sum.nats / std::numbers::ln2 / static_cast<double>(part.text.bytes);
    if (json_) {
      Json json{{"loss", sum.loss()},
                {"bpc", sum.bpc()},
                {"bits_per_byte", bits_per_byte},
                {"perplexity", sum.perplexity()},
                {"characters", sum.count},
                {"unknown_characters", unknown},
                {"folded_characters", folded},
                {"bytes", part.text.bytes},
                {"protocol", protocol(model)},
                {"dynamic_evaluation", adapt_},
                {"models", model_.ensemble ? model_.model.size() : 1},
                {"probability_sum",
                 {{"positions", check.positions}, {"largest_error", check.largest_error}}}};
      if (int8_cost_) json["int8_cost"] = *int8_cost_;
      if (per_line_) json["lines"] = lines_json(*scores);
      if (per_character_) json["scores"] = characters_json(*scores);
      print_json(json, console.out);
      return;
    }
    std::string table = fmt::format(
        "loss           {} nats per character{}\n"
        "bpc            {} bits per character\n"
        "bits per byte  {}\n"
        "perplexity     {}\n"
        "{}"
        "characters     {}",
        decimal(sum.loss(), 4), adapt_ ? ", in dynamic evaluation" : "", decimal(sum.bpc(), 4),
        decimal(bits_per_byte, 4), decimal(sum.perplexity(), 3),
        int8_cost_ ? fmt::format("int8 costs     {} nats per character, beside float32\n",
                                 decimal(*int8_cost_, 4))
                   : "",
        grouped(sum.count));
    if (!part.text.inexact.empty()) {
      table += fmt::format("; {} unknown, {} read as another", grouped(unknown), grouped(folded));
    }
    table += fmt::format("\nprotocol       {}\n",
                         wrap(protocol(model), console.out.terminal().width, 15));
    if (!scores) {
      console.out.print(table);
      return;
    }
    if (per_line_) print_lines(*scores, console.out);
    if (per_character_) print_characters(*scores, console.out);
    console.out.flush();
    console.talk.say(table);
  }

  static void print_lines(const TextScores& scores, Output& out) {
    for (const TextScores::Line& line : scores.lines()) {
      out.text(fmt::format("{}\t{}\t{}\t{}\n", line.number, decimal(line.loss(), 4),
                           line.characters, tab_separated(line.text)));
    }
  }

  static void print_characters(const TextScores& scores, Output& out) {
    scores.for_each_character([&](const std::string& character, double nats) {
      out.text(fmt::format("{}\t{}\n", character_name(tab_separated(character)), decimal(nats, 4)));
    });
  }

  static Json lines_json(const TextScores& scores) {
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

  static Json characters_json(const TextScores& scores) {
    Json characters = Json::array();
    scores.for_each_character([&](const std::string& character, double nats) {
      characters.push_back({{"character", character_name(character)}, {"nats", nats}});
    });
    return characters;
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
  bool per_character_ = false;
  bool json_ = false;
  std::optional<double> int8_cost_;  // nats
};

}  // namespace

std::unique_ptr<Command> make_evaluate_command() { return std::make_unique<EvaluateCommand>(); }

}  // namespace inkling::cli
