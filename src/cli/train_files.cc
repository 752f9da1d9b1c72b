#include "cli/train_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"

namespace inkling::cli {
namespace {

namespace fs = std::filesystem;

// access() lets root through where the file system then refuses: only a real file tells. It is
// named as a temporary file of the output, so that it is cleared away with these if the process is
// killed.
void check_writable(const std::string& output) {
  const fs::path parent = fs::path(output).parent_path();
  const fs::path folder = parent.empty() ? fs::path(".") : parent;
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    data_error("there is no folder {}; make it first, or give another --output", folder.string());
  }
  const std::string name = fs::path(output).filename().string().substr(0, 200);
  const std::string probe = (folder / fmt::format(".{}.{}.tmp", name, getpid())).string();
  const int file = open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    data_error("cannot write into the folder {}: {}; give another --output", folder.string(),
               error_text(errno));
  }
  close(file);
  unlink(probe.c_str());
}

// Also where neither exists yet.
bool is_same_file(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code ignored;
  const auto place = [&](const std::string& path) {
    return fs::weakly_canonical(fs::absolute(path, ignored), ignored);
  };
  return fs::equivalent(a, b, ignored) || place(a) == place(b);
}

}  // namespace

void TrainFiles::validate() const {
  if (output.empty() && !dry_run)
    usage_error("--output is missing: say where the model goes, e.g. -o book.safetensors");
  if (output.empty() && resume)
    usage_error("--resume needs --output: the model whose training goes on");
  if (resume && force) usage_error("--resume goes on with what --force would replace: give one");
  if (resume && !init_from.empty())
    usage_error("--resume and --init-from exclude each other: give one");
  if (resume && !replay.empty()) usage_error("--resume and --replay exclude each other: give one");
  if (output == "-") usage_error("--output: a model cannot go to standard output; give a file");
  if (log == "-") usage_error("--log: give a file; /dev/stdout is one, too");
  for (const std::string_view end : train::checkpoint_ends) {
    if (output.ends_with(end)) {
      usage_error("--output: {} is the name of a checkpoint; give the model's, without {}", output,
                  end.substr(0, end.find('.', 1)));
    }
  }
}

void TrainFiles::check_output() const {
  if (dry_run) return;
  const train::RunFiles files = train::RunFiles::for_output(output);
  std::error_code ignored;
  if (fs::is_directory(output, ignored) || output.ends_with('/')) {
    data_error("--output: {} is a folder; give a file in it", output);
  }
  if (fs::exists(output, ignored) && !fs::is_regular_file(output, ignored))
    data_error("--output: {} is no regular file; give another", output);
  if (!force && !resume) {
    for (const std::string& file : {files.best, files.last, files.previous}) {
      if (fs::exists(fs::symlink_status(file, ignored))) {
        data_error(
            "{} exists already; give --resume to go on with it, --force to replace it, or another "
            "--output",
            file);
      }
    }
  }
  if (!log.empty()) check_log(files);
  check_writable(output);
}

void TrainFiles::check_log(const train::RunFiles& files) const {
  for (const std::string& other : {files.best, files.last, files.previous, init_from, replay}) {
    if (is_same_file(log, other))
      data_error("--log: {} is a model of this run; give another file", log);
  }
  std::error_code ignored;
  if (force || !fs::is_regular_file(log, ignored) || fs::file_size(log, ignored) == 0) return;
  if (!resume)
    data_error("the log {} exists already; give --force to replace it, or another --log", log);
  if (std::ifstream(log).peek() != '{')
    data_error("--log: {} is not the log of a training; give another file", log);
}

std::string_view TrainFiles::option_that_writes(const std::string& path) const {
  if (dry_run || path == "-") return "";
  std::error_code missing;
  const train::RunFiles files = train::RunFiles::for_output(output);
  for (const std::string& written : {files.best, files.last, files.previous}) {
    if (fs::equivalent(written, path, missing)) return "--output";
  }
  return fs::equivalent(log, path, missing) ? "--log" : "";
}

void TrainFiles::check_beside(const std::vector<text::SourceText>& texts) const {
  for (const text::SourceText& text : texts) {
    const std::string_view option = option_that_writes(text.name);
    if (option.empty()) continue;
    data_error("{} is one of the texts, and would be replaced; give another {}", text.name, option);
  }
}

}  // namespace inkling::cli
