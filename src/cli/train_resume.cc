#include "cli/train_resume.h"

#include "base/error.h"
#include "text/decoder.h"
#include "train/option_record.h"

namespace inkling::cli {
namespace {

bool gives_length(const OptionParser& given, train::TrainOptions& options) {
  bool gives = false;
  options.for_each_option([&](const Option& option, auto&) {
    gives = gives || (train::is_length(option.name) && given.given(option.name));
  });
  return gives;
}

// A record that cannot be is the file's fault, not the user's.
void check_record(const model::ModelHistory& history, const std::string& path) {
  train::TrainOptions recorded;
  try {
    recorded.for_each_option([&](const Option& option, auto& member) {
      const auto text = history.options.find(std::string(option.name));
      if (text != history.options.end()) read_value(option, text->second, member);
    });
    recorded.validate();
    const text::CorpusOptions corpus = recorded.corpus_options();
    int64_t replaced = 0;
    text::decode("", path, corpus.read, corpus.text.unit, &replaced);  // refuses its encoding
    const std::string changed = train::changed_option(history.options, recorded, false);
    if (!changed.empty()) usage_error("--{} is written in another way", changed);
  } catch (const UsageError& error) {
    data_error(
        "{}: the options that it records are none that a run can have: {}; the file is damaged or "
        "forged, begin anew without it",
        path, error.what());
  }
}

}  // namespace

void refuse_no_length(const OptionParser& given, train::TrainOptions& options) {
  if (options.steps > 0 || options.epochs > 0 || !options.time.empty()) return;
  options.for_each_option([&](const Option& option, const auto& member) {
    if (!train::is_length(option.name) || !given.given(option.name)) return;
    usage_error("{} {} leaves nothing to train; give more, or leave it out for --time {}",
                spelled(option.name), value_text(member).empty() ? "''" : value_text(member),
                train::default_time);
  });
}

void take_recorded_options(const model::ModelHistory& history, const std::string& path,
                           const OptionParser& given, std::string_view purpose,
                           train::TrainOptions& options) {
  const bool new_length = purpose == "--resume" && gives_length(given, options);
  check_record(history, path);
  options.for_each_option([&](const Option& option, auto& member) {
    const auto recorded = history.options.find(std::string(option.name));
    if (recorded == history.options.end()) return;
    if (train::is_length(option.name) && new_length) return;
    // What the recipe chose is among what is recorded: it does not choose again.
    if (!given.given(option.name) || option.name == "recipe") {
      read_value(option, recorded->second, member);
      return;
    }
    auto before = member;
    read_value(option, recorded->second, before);
    if (option.name != "threads" && before != member) {
      usage_error(
          "--{} {} cannot change on {}, where it was {}; leave it out, or begin a new run with "
          "--init-from",
          option.name, value_text(member), purpose,
          recorded->second.empty() ? "not given" : recorded->second);
    }
  });
}

}  // namespace inkling::cli
