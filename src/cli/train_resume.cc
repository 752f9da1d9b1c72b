#include "cli/train_resume.h"

#include "base/error.h"
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

}  // namespace

void take_recorded_options(const model::ModelHistory& history, const OptionParser& given,
                           std::string_view purpose, train::TrainOptions& options) {
  const bool new_length = purpose == "--resume" && gives_length(given, options);
  options.for_each_option([&](const Option& option, auto& member) {
    const auto recorded = history.options.find(std::string(option.name));
    if (recorded == history.options.end()) return;
    if (train::is_length(option.name) && new_length) return;
    if (!given.given(option.name)) {
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
