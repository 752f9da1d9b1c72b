#include "train/run_files.h"

#include <filesystem>

#include "base/error.h"
#include "base/file.h"

namespace inkling::train {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

fs::path without_extension(const fs::path& file) {
  return file.extension() == ".safetensors" ? file.parent_path() / file.stem() : file;
}

}  // namespace

std::string output_of_checkpoint(std::string_view path) {
  for (const std::string_view end : checkpoint_ends) {
    if (path.ends_with(end))
      return std::string(path.substr(0, path.size() - end.size())) + ".safetensors";
  }
  return "";
}

RunFiles RunFiles::for_output(const std::string& output) {
  const fs::path stem = without_extension(output);
  // Whoever writes the same file by another name must find the same lock.
  const fs::path target = without_extension(without_links(output));
  const std::string lock = "." + target.filename().string().substr(0, 200) + ".lock";
  return {.best = output,
          .last = stem.string() + std::string(checkpoint_ends[0]),
          .previous = stem.string() + std::string(checkpoint_ends[1]),
          .lock = (target.parent_path() / lock).string()};
}

model::ModelFile load_checkpoint(RunFiles& files,
                                 const std::function<void(const std::string&)>& notice) {
  std::string problem = fmt::format("there is no {}", files.last);
  files.last_is_whole = false;
  if (exists(files.last)) {
    try {
      model::ModelFile checkpoint = model::load_model_file(files.last, true);
      files.last_is_whole = true;
      return checkpoint;
    } catch (const DataError& error) {
      problem = error.what();
    }
  }
  if (!exists(files.previous)) {
    data_error("cannot resume: {}, and there is no {}; leave --resume out to begin anew", problem,
               files.previous);
  }
  try {
    model::ModelFile checkpoint = model::load_model_file(files.previous, true);
    notice(fmt::format("{}; going on from the checkpoint before it, {}", problem, files.previous));
    return checkpoint;
  } catch (const DataError& error) {
    data_error("cannot resume: {}; nor from the checkpoint before it: {}", problem, error.what());
  }
}

void remove_stale_temporaries(const RunFiles& files) {
  for (const std::string& file : {files.best, files.last}) inkling::remove_stale_temporaries(file);
}

}  // namespace inkling::train
