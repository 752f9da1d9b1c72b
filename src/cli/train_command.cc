#include <cmath>
#include <csignal>
#include <limits>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/file_lock.h"
#include "cli/command.h"
#include "cli/layout.h"
#include "cli/model_path.h"
#include "cli/open_model.h"
#include "cli/shell_word.h"
#include "cli/signals.h"
#include "cli/train_files.h"
#include "cli/train_log.h"
#include "cli/train_recipe.h"
#include "cli/train_report.h"
#include "cli/train_resume.h"
#include "cli/train_summary.h"
#include "model/with_path.h"
#include "text/corpus.h"
#include "train/run_state.h"
#include "train/vocabulary_map.h"

namespace inkling::cli {
namespace {

constexpr std::string_view lines_missing = "its last lines are missing";

std::string_view signal_name(int signal) {
  switch (signal) {
    case SIGINT:
      return "Ctrl-C (SIGINT)";
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    default:
      return "SIGPIPE";
  }
}

class TrainCommand final : public Command {
 public:
  void declare(OptionParser& parser) override {
    parser.take_arguments("CORPUS", 1, std::numeric_limits<size_t>::max());
    parser.group("Files");
    files_.for_each_option(parser);
    options_.for_each_option(parser);
  }

  void run(const OptionParser& given, Console& console) override {
    corpus_ = given.arguments();
    console.talk.set_quiet(files_.quiet);
    files_.validate();
    refuse_no_length(given, options_);
    if (!files_.resume && files_.replay.empty()) options_.validate();
    files_.check_output();
    train::RunFiles run_files = train::RunFiles::for_output(files_.output);
    if (files_.dry_run) {
      load_and_train(given, run_files, nullptr, console);
    } else if (const int signal = hold_and_train(given, run_files, console); signal != 0) {
      end_by_signal(signal);
    }
  }

 private:
  // Those that the vocabulary has beside the text's own.
  std::vector<std::string> known_characters(const model::LanguageModel* init_from,
                                            const model::ModelFile* recorded,
                                            const std::string& path) const {
    if (recorded != nullptr) {
      const bool begun_from_other = model::with_path(path, [&] {
        return train::RunState::from_metadata(recorded->extra_metadata).begun_from != 0;
      });
      return begun_from_other ? train::characters_of(recorded->model) : std::vector<std::string>();
    }
    const bool keeps = init_from != nullptr && options_.vocab == train::VocabularyUse::joint &&
                       init_from->tokenizer.options().unit == options_.unit;
    return keeps ? train::characters_of(*init_from) : std::vector<std::string>();
  }

  text::Corpus read_corpus(std::vector<std::string> known_characters) const {
    text::CorpusOptions corpus_options = options_.corpus_options();
    corpus_options.known_characters = std::move(known_characters);
    std::vector<text::SourceText> validation =
        text::read_texts(files_.validation, corpus_options.read, options_.unit);
    std::vector<text::SourceText> sources =
        text::read_texts(corpus_, corpus_options.read, options_.unit, validation);
    // The log of this run, or of the one that it replaces, may stand among the texts of a folder.
    for (auto* texts : {&sources, &validation}) {
      std::erase_if(*texts, [&](const text::SourceText& source) {
        return files_.option_that_writes(source.name) == "--log" && is_train_log(source.text);
      });
    }
    if (sources.empty() && !validation.empty()) {
      usage_error("all of the corpus is given as --validation; give another text to train on");
    }
    files_.check_beside(validation);
    files_.check_beside(sources);
    return text::make_corpus(sources, corpus_options, nullptr, validation);
  }

  // With texts of its own to validate on, all of the corpus trains.
  void leave_no_validation_part(const OptionParser& given) {
    if (files_.validation.empty()) return;
    if (!given.given("split")) options_.split = "100/0/0";
    if (options_.corpus_options().split[1] > 0) {
      usage_error(
          "--validation names what is validated on, so --split {} must leave no share to it; give "
          "e.g. 100/0/0, or leave it out",
          options_.split);
    }
  }

  void refuse_idle_options(const OptionParser& given) const {
    const bool windows = options_.shape == model::Shape::many_to_one;
    given.refuse_without("--shape many-to-one", windows, {"context"});
    given.refuse_without("--shape many-to-many", !windows, {"bptt", "reset-state"});
    const auto optimizer = options_.optimizer;
    given.refuse_without("--init-from", !files_.init_from.empty() || files_.resume, {"vocab"});
    given.refuse_without("--optimizer sgd", optimizer == train::OptimizerKind::sgd, {"momentum"});
    given.refuse_without("--optimizer adam", optimizer == train::OptimizerKind::adam, {"beta1"});
    given.refuse_without("--optimizer adam or rmsprop", optimizer != train::OptimizerKind::sgd,
                         {"beta2"});
  }

  // Returns the signal that stopped the training, 0 = none. By then the output is let go.
  int hold_and_train(const OptionParser& given, train::RunFiles& run_files, Console& console) {
    StopSignals signals;
    const FileLock lock(run_files.lock,
                        fmt::format("another inkling is training {}; wait for it, or give another "
                                    "--output",
                                    files_.output));
    signals.remove_at_end(run_files.lock);
    train::remove_stale_temporaries(run_files);
    if (!files_.log.empty()) remove_stale_temporaries(files_.log);
    return load_and_train(given, run_files, &signals, console);
  }

  // Without `signals` a dry run.
  int load_and_train(const OptionParser& given, train::RunFiles& run_files, StopSignals* signals,
                     Console& console) {
    Talk& talk = console.talk;
    std::optional<model::ModelFile> resumed, replayed;
    std::string path = "the checkpoint";
    if (files_.resume) {
      resumed = train::load_checkpoint(run_files, [&](const std::string& s) { talk.insist(s); });
      path = run_files.last_is_whole ? run_files.last : run_files.previous;
      take_recorded_options(resumed->model.history, path, given, "--resume", options_);
    } else if (!files_.replay.empty()) {
      replayed = model::load_model_file(files_.replay, true);
      path = files_.replay;
      take_recorded_options(replayed->model.history, path, given, "--replay", options_);
    }
    options_.validate();
    refuse_idle_options(given);
    if (!resumed && !replayed) leave_no_validation_part(given);
    std::optional<model::LanguageModel> init_from;
    if (!files_.init_from.empty()) {
      init_from = open_model(find_model(files_.init_from)).model;
      if (!resumed && !replayed) take_from_model(*init_from, given, options_);
    }

    talk.status("reading the corpus ...");
    const model::ModelFile* const recorded = resumed ? &*resumed : replayed ? &*replayed : nullptr;
    const text::Corpus corpus =
        read_corpus(known_characters(init_from ? &*init_from : nullptr, recorded, path));
    talk.clear_status();
    std::vector<std::string> chosen;
    if (!resumed && !replayed)
      chosen = choose_by_recipe(given, corpus, init_from ? &*init_from : nullptr, options_);
    const auto show_plan = [&](const train::TrainPlan& plan) {
      if (signals == nullptr) {
        console.out.text(
            train_summary(corpus, options_, chosen, plan, console.out.terminal().width));
      } else {
        talk.say(train_summary(corpus, options_, chosen, plan, talk.terminal().width));
      }
    };
    train::Trainer trainer(options_, corpus,
                           {.init_from = init_from ? &*init_from : nullptr,
                            .init_name = init_from ? shell_word(files_.init_from) : "",
                            .resume = resumed ? &*resumed : nullptr,
                            .replay = replayed ? &*replayed : nullptr,
                            .path = path,
                            .on_plan = show_plan});
    if (signals == nullptr) return 0;
    std::optional<int64_t> resumed_step;
    if (resumed) {
      resumed_step = resumed->model.history.steps;
      talk.say(fmt::format("going on from step {}", grouped(*resumed_step)));
    }
    resumed.reset(), replayed.reset(), init_from.reset();
    return train_and_report(trainer, run_files, resumed_step, *signals, talk);
  }

  int train_and_report(train::Trainer& trainer, const train::RunFiles& run_files,
                       std::optional<int64_t> resumed_step, StopSignals& signals,
                       Talk& talk) const {
    std::unique_ptr<TrainLog> log;
    if (!files_.log.empty()) log = std::make_unique<TrainLog>(files_.log, resumed_step);
    TrainReport report(talk, std::move(log), files_.sample_every,
                       static_cast<uint64_t>(options_.seed));
    train::TrainCallbacks callbacks = report.callbacks();
    callbacks.should_stop = [&] { return signals.received() != 0; };
    callbacks.should_save = [&] { return signals.take_save_request(); };
    signals.ask_first();
    const train::TrainResult result = trainer.run(run_files, callbacks);
    const std::string log_problem = report.end_log();
    const bool at_its_end = result.reason == train::StopReason::finished ||
                            result.reason == train::StopReason::patience;
    if (at_its_end && result.last.step == resumed_step) {
      talk.say(fmt::format(
          "the run has ended already, with step {} after {:.1f} s; to train on, give --resume and "
          "a greater --time, --steps or --epochs, that of the whole run",
          grouped(*resumed_step), result.last.seconds));
    }
    if (result.reason == train::StopReason::interrupted) {
      say_how_to_go_on(result, run_files, signals.received(), talk);
      if (!log_problem.empty()) talk.insist(fmt::format("{}; {}", log_problem, lines_missing));
      return signals.received();
    }
    if (result.reason == train::StopReason::diverged) {
      data_error(
          "training diverged {} times; {} holds the last good model ({}): try a lower "
          "--learning-rate",
          result.ways_back, run_files.best,
          result.best_step == 0 ? "not yet trained"
                                : fmt::format("of step {}", grouped(result.best_step)));
    }
    say_result(result, run_files, talk);
    if (result.replay_agrees == false) {
      data_error(
          "the repeated run ended with other weights than its checkpoint: it was written with "
          "another instruction set or version of a library, or is not of this program");
    }
    if (!log_problem.empty()) data_error("{}; {}", log_problem, lines_missing);
    return signals.received();
  }

  void say_how_to_go_on(const train::TrainResult& result, const train::RunFiles& run_files,
                        int signal, Talk& talk) const {
    const bool only_to_begin = files_.force || !files_.init_from.empty() || !files_.replay.empty();
    talk.say(fmt::format(
        "stopped by {} after step {}; everything is saved in {}\n"
        "to go on: {}\n"
        "  inkling train {} -o {} --resume{}",
        signal_name(signal), grouped(result.last.step), run_files.last,
        only_to_begin ? "the same texts with" : "the same command with --resume, or",
        corpus_words(), shell_word(run_files.best),
        result.best_step == 0 ? ""
                              : fmt::format("\nthe best model so far is {}; write text with it:\n"
                                            "  inkling generate -m {}",
                                            run_files.best, shell_word(run_files.best))));
  }

  // The texts as they were given, where a person can take that over.
  std::string corpus_words() const {
    constexpr size_t most = 200;
    std::string words;
    const auto add = [&](const std::string& path) {
      const bool like_option = path.size() > 1 && path.starts_with('-');
      words += (words.empty() ? "" : " ") + shell_word((like_option ? "./" : "") + path);
    };
    for (const std::string& path : corpus_) add(path);
    for (const std::string& path : files_.validation) words += " --validation", add(path);
    return words.size() > most ? "CORPUS..." : words;
  }

  void say_result(const train::TrainResult& result, const train::RunFiles& run_files,
                  Talk& talk) const {
    std::string lines;
    if (result.reason == train::StopReason::patience) {
      const std::string why =
          options_.patience > 0
              ? fmt::format("the validation loss was not better {} times", options_.patience)
              : "from here on the text is learned by heart, the validation loss gets worse";
      lines += fmt::format("stopped early, after {} of {} steps: {}; kept is the best model\n",
                           grouped(result.last.step), grouped(result.last.total_steps), why);
    }
    if (!std::isnan(result.best_val_loss)) {
      lines += fmt::format(
          "best validation loss {:.4f} nats per character ({:.4f} bits), at step {} of {}\n",
          result.best_val_loss, result.best_val_loss / std::numbers::ln2, grouped(result.best_step),
          grouped(result.last.step));
    }
    if (!std::isnan(result.stored_val_loss)) {
      lines += fmt::format("stored in bfloat16 it has {:.4f} nats: rounding costs {:+.4f}\n",
                           result.stored_val_loss, result.stored_val_loss - result.best_val_loss);
    }
    if (result.replay_agrees == true)
      lines += "the weights are those of the run that was repeated, bit for bit\n";
    lines += fmt::format("the model is {}; write text with it:\n  inkling generate -m {}\n",
                         run_files.best, shell_word(run_files.best));
    talk.say(lines);
  }

  train::TrainOptions options_;
  TrainFiles files_;
  std::vector<std::string> corpus_;
};

}  // namespace

std::unique_ptr<Command> make_train_command() { return std::make_unique<TrainCommand>(); }

}  // namespace inkling::cli
