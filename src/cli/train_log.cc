#include "cli/train_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <span>

#include "base/error.h"
#include "base/file.h"
#include "cli/json_output.h"

namespace inkling::cli {
namespace {

// The step that a line tells of; nothing where it is no line of a log.
std::optional<int64_t> step_of(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer())
    return std::nullopt;
  return json["step"].get<int64_t>();
}

// The whole lines of the log up to that step. A line that was cut off by a crash is dropped with
// those after it.
std::string lines_up_to(const std::string& log, int64_t last_step) {
  size_t kept = 0;
  while (true) {
    const size_t end = log.find('\n', kept);
    if (end == std::string::npos) break;
    const auto step = step_of(std::string_view(log).substr(kept, end - kept));
    if (!step || *step > last_step) break;
    kept = end + 1;
  }
  return log.substr(0, kept);
}

int open_log(const std::string& path, std::optional<int64_t> resumed_step) {
  std::error_code ignored;
  if (resumed_step && std::filesystem::is_regular_file(path, ignored)) {
    const std::string log = read_file(path);
    const std::string kept = lines_up_to(log, *resumed_step);
    if (kept != log) write_atomically(path, kept);
  }
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (resumed_step ? 0 : O_TRUNC);
  const int number = open(path.c_str(), flags, 0666);
  if (number < 0) data_error("cannot write the log {}: {}", path, error_text(errno));
  return number;
}

}  // namespace

TrainLog::TrainLog(const std::string& path, std::optional<int64_t> resumed_step)
    : path_(path), file_(open_log(path, resumed_step), system_calls()) {}

void TrainLog::add(const train::Progress& progress) {
  unwritten_ += log_line(progress) + "\n";
  write();
}

void TrainLog::write() {
  const off_t end = lseek(file_.number(), 0, SEEK_END);
  if (file_.write_all(std::as_bytes(std::span(unwritten_)))) {
    unwritten_.clear(), problem_.clear();
    return;
  }
  problem_ = fmt::format("{}: cannot write the log: {}", path_, error_text(errno));
  // No part of a line stays, where that is a file.
  [[maybe_unused]] const int ignored = end < 0 ? 0 : ftruncate(file_.number(), end);
}

bool is_train_log(std::string_view text) {
  return step_of(text.substr(0, text.find('\n'))).has_value();
}

std::string log_line(const train::Progress& progress) {
  // What is not known yet is NaN, which JSON writes as null.
  const Json line{
      {"step", progress.step},           {"epoch", progress.epoch},
      {"seconds", progress.seconds},     {"train_loss", progress.train_loss},
      {"val_loss", progress.val_loss},   {"learning_rate", progress.learning_rate},
      {"grad_norm", progress.grad_norm}, {"chars_per_second", progress.chars_per_second}};
  return line.dump();
}

}  // namespace inkling::cli
