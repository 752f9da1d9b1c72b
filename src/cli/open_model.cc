#include "cli/open_model.h"

#include <filesystem>

#include "base/error.h"
#include "train/trainer.h"

namespace inkling::cli {
namespace {

bool is_whole(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  try {
    model::load_model_file(path);
    return true;
  } catch (const DataError&) {
    return false;
  }
}

}  // namespace

model::ModelFile open_model(const std::string& path, bool with_extra) {
  try {
    return model::load_model_file(path, with_extra);
  } catch (const DataError& error) {
    const std::string output = train::output_of_checkpoint(path);
    const train::RunFiles run = train::RunFiles::for_output(output.empty() ? path : output);
    for (const std::string& other : {run.last, run.previous, run.best}) {
      if (other != path && is_whole(other)) {
        data_error("{}; {} is whole: use it instead", error.what(), other);
      }
    }
    throw;
  }
}

}  // namespace inkling::cli
