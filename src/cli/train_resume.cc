#include "cli/train_resume.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "base/error.h"

namespace inkling::cli {
namespace {

constexpr std::array<std::string_view, 3> length_options{"epochs", "steps", "time"};

bool is_length(std::string_view name) {
  return std::find(length_options.begin(), length_options.end(), name) != length_options.end();
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

model::ModelFile load_checkpoint(const train::RunFiles& files, Talk& talk) {
  std::string problem = fmt::format("there is no {}", files.last);
  if (exists(files.last)) {
    try {
      return model::load_model_file(files.last, true);
    } catch (const DataError& error) {
      problem = error.what();
    }
  }
  if (!exists(files.previous)) {
    data_error("cannot resume: {}, and there is no {}; leave --resume out to begin anew", problem,
               files.previous);
  }
  talk.insist(
      fmt::format("{}; going on from the checkpoint before it, {}", problem, files.previous));
  return model::load_model_file(files.previous, true);
}

void take_recorded_options(const model::ModelHistory& history, const OptionParser& given,
                           train::TrainOptions& options) {
  const bool new_length = std::any_of(length_options.begin(), length_options.end(),
                                      [&](std::string_view name) { return given.given(name); });
  options.for_each_option([&](const Option& option, auto& member) {
    const auto recorded = history.options.find(std::string(option.name));
    if (recorded == history.options.end()) return;
    if (is_length(option.name) && new_length) return;
    if (!given.given(option.name)) {
      read_value(option, recorded->second, member);
      return;
    }
    auto before = member;
    read_value(option, recorded->second, before);
    if (option.name != "threads" && before != member) {
      usage_error(
          "--{} {} cannot change on --resume, where it was {}; leave it out, or begin a new run "
          "with --init-from",
          option.name, value_text(member), recorded->second);
    }
  });
}

}  // namespace inkling::cli
