#include <cmath>
#include <csignal>
#include <limits>
#include <memory>
#include <numbers>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/layout.h"
#include "cli/model_path.h"
#include "cli/open_model.h"
#include "cli/signals.h"
#include "cli/train_files.h"
#include "cli/train_report.h"
#include "cli/train_resume.h"
#include "cli/train_summary.h"
#include "text/corpus.h"

namespace inkling::cli {
namespace {

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
    console.talk.set_quiet(files_.quiet);
    files_.validate();
    if (!files_.resume) options_.validate();
    const train::RunFiles run_files = train::RunFiles::for_output(files_.output);
    std::optional<model::ModelFile> checkpoint;
    if (files_.resume) {
      checkpoint = load_checkpoint(run_files, console.talk);
      take_recorded_options(checkpoint->model.history, given, options_);
      options_.validate();
    }
    files_.check_output();
    std::optional<model::LanguageModel> init_from;
    if (!files_.init_from.empty()) init_from = open_model(find_model(files_.init_from)).model;

    console.talk.status("reading the corpus ...");
    const text::Corpus corpus = read_corpus(given.arguments());
    console.talk.clear_status();
    std::unique_ptr<train::Trainer> trainer =
        checkpoint
            ? std::make_unique<train::Trainer>(options_, corpus, *checkpoint)
            : std::make_unique<train::Trainer>(options_, corpus, init_from ? &*init_from : nullptr);
    if (files_.dry_run) {
      console.out.text(
          train_summary(corpus, options_, trainer->plan(), console.out.terminal().width));
      return;
    }
    console.talk.say(
        train_summary(corpus, options_, trainer->plan(), console.talk.terminal().width));
    std::optional<int64_t> resumed_step;
    if (checkpoint) {
      resumed_step = checkpoint->model.history.steps;
      console.talk.say(fmt::format("going on from step {}", grouped(*resumed_step)));
      checkpoint.reset();
    }
    train_and_report(*trainer, run_files, resumed_step, console.talk);
  }

 private:
  text::Corpus read_corpus(const std::vector<std::string>& paths) const {
    const text::CorpusOptions corpus_options = options_.corpus_options();
    const std::vector<text::SourceText> sources =
        text::read_texts(paths, corpus_options.read, options_.unit);
    return text::make_corpus(sources, corpus_options);
  }

  void train_and_report(train::Trainer& trainer, const train::RunFiles& run_files,
                        std::optional<int64_t> resumed_step, Talk& talk) const {
    std::unique_ptr<TrainLog> log;
    if (!files_.log.empty()) log = std::make_unique<TrainLog>(files_.log, resumed_step);
    TrainReport report(talk, std::move(log), files_.sample_every,
                       static_cast<uint64_t>(options_.seed));
    int stopped_by = 0;
    train::TrainResult result;
    {
      const StopSignals signals;
      train::TrainCallbacks callbacks = report.callbacks();
      callbacks.should_stop = [&] { return signals.received() != 0; };
      result = trainer.run(run_files, callbacks);
      stopped_by = result.reason == train::StopReason::interrupted ? signals.received() : 0;
      if (stopped_by != 0) say_how_to_go_on(result, run_files, stopped_by, talk);
    }
    if (stopped_by != 0) end_by_signal(stopped_by);
    if (result.reason == train::StopReason::diverged) {
      data_error(
          "the loss did not stay finite; {} is the best model before that: try a lower "
          "--learning-rate",
          run_files.best);
    }
    say_result(result, run_files, talk);
  }

  static void say_how_to_go_on(const train::TrainResult& result, const train::RunFiles& run_files,
                               int signal, Talk& talk) {
    talk.say(fmt::format(
        "stopped by {} after step {}; everything is saved in {}\n"
        "to go on: the same command with --resume, or\n"
        "  inkling train CORPUS... -o {} --resume",
        signal_name(signal), grouped(result.last.step), run_files.last, run_files.best));
  }

  static void say_result(const train::TrainResult& result, const train::RunFiles& run_files,
                         Talk& talk) {
    std::string lines;
    if (result.reason == train::StopReason::patience) {
      lines +=
          "stopped early: the validation loss has not become better for --patience evaluations\n";
    }
    if (!std::isnan(result.best_val_loss)) {
      lines += fmt::format(
          "best validation loss {:.4f} nats per character ({:.4f} bits), at step {} of {}\n",
          result.best_val_loss, result.best_val_loss / std::numbers::ln2, grouped(result.best_step),
          grouped(result.last.step));
    }
    lines += fmt::format("the model is {}; write text with it:\n  inkling generate -m {}\n",
                         run_files.best, run_files.best);
    talk.say(lines);
  }

  train::TrainOptions options_;
  TrainFiles files_;
};

}  // namespace

std::unique_ptr<Command> make_train_command() { return std::make_unique<TrainCommand>(); }

}  // namespace inkling::cli
