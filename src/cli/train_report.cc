#include "cli/train_report.h"

#include <unistd.h>

#include "cli/layout.h"
#include "cli/terminal.h"
#include "cli/visible_text.h"
#include "generate/generator.h"
#include "generate/model_next_character.h"

namespace inkling::cli {
namespace {

constexpr int64_t sample_characters = 120;
constexpr int indent = 4;             // of a sample
constexpr int endless_row = 1 << 20;  // where no terminal has an edge
constexpr double default_samples = 5;

}  // namespace

TrainReport::TrainReport(Talk& talk, std::unique_ptr<TrainLog> log, int64_t sample_every,
                         uint64_t seed)
    : talk_(talk), bar_(talk), log_(std::move(log)), sample_every_(sample_every), seed_(seed) {}

train::TrainCallbacks TrainReport::callbacks() {
  train::TrainCallbacks callbacks;
  callbacks.on_step = [this](const train::Progress& progress) { bar_.draw(progress); };
  callbacks.on_evaluation = [this](const train::Progress& progress) { take_evaluation(progress); };
  callbacks.on_sample = [this](const model::LanguageModel& model) {
    if (!talk_.quiet() && sample_is_due()) show_sample(model);
  };
  callbacks.on_notice = [this](const std::string& notice) { talk_.insist(notice); };
  return callbacks;
}

void TrainReport::take_evaluation(const train::Progress& progress) {
  evaluated_ = progress;
  ++evaluations_;
  // A terminal has the bar for that.
  if (!talk_.terminal().redraws) talk_.say(evaluation_line(progress, endless_row));
  if (!log_) return;
  const std::string before = log_->problem();
  log_->add(progress);
  const std::string& problem = log_->problem();
  if (problem == before) return;
  talk_.insist(problem.empty() ? "the log is whole again"
                               : problem + "; training goes on, and it is tried again");
}

std::string TrainReport::end_log() {
  if (!log_) return "";
  log_->write();
  return log_->problem();
}

bool TrainReport::sample_is_due() {
  if (sample_every_ < 0) return false;
  if (sample_every_ > 0) return evaluations_ % sample_every_ == 0;
  const auto due = static_cast<int64_t>(evaluated_.share_done * default_samples + 1e-9);
  if (due <= samples_) return false;
  samples_ = due;
  return true;
}

void TrainReport::show_sample(const model::LanguageModel& model) {
  generate::ModelNextCharacter next(model, nn::Precision::automatic, 1);
  generate::GenerateOptions length;
  length.n = sample_characters;
  generate::Generator generator(next, {}, length, seed_);
  std::string sample;
  generator.write("", 0, [&](std::string_view piece) {
    sample += piece;
    return true;
  });
  const Terminal& terminal = talk_.terminal();
  const int width = terminal.is_terminal ? terminal_width(STDERR_FILENO) : endless_row;
  std::string lines = terminal.redraws ? evaluation_line(evaluated_, width) + "\n" : "";
  std::string_view rest = sample;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (end > 0)
      lines += std::string(indent, ' ') + wrap(rest.substr(0, end), width, indent) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!lines.empty()) talk_.say(lines);
}

}  // namespace inkling::cli
