#include "cli/model_path.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "base/error.h"
#include "cli/edit_distance.h"
#include "cli/user_folders.h"
#include "train/run_files.h"

namespace inkling::cli {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_directory(path, ignored);
}

// "; did you mean 'english'?", or "".
std::string similar_name(std::string_view name) {
  if (name.ends_with(model_suffix)) name.remove_suffix(model_suffix.size());
  const std::vector<std::string> names = model_names();
  const bool is_one = std::find(names.begin(), names.end(), name) != names.end();
  return is_one ? fmt::format("; did you mean '{}'?", name)
                : did_you_mean(name, std::vector<std::string_view>(names.begin(), names.end()));
}

}  // namespace

bool is_checkpoint(std::string_view path) { return !train::output_of_checkpoint(path).empty(); }

std::vector<std::string> model_folders() {
  std::vector<std::string> folders{"./models"};
  if (const fs::path home = data_home(); !home.empty()) {
    folders.push_back((home / "inkling/models").string());
  }
  folders.emplace_back(INKLING_SHARE_FOLDER "/models");
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path beside = program.parent_path().parent_path() / "share/inkling/models";
    if (beside.string() != folders.back()) folders.push_back(beside.string());
  }
  return folders;
}

std::vector<std::string> model_names() {
  std::set<std::string> names;
  for (const std::string& folder : model_folders()) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      const fs::path& file = entry.path();
      if (file.extension() == model_suffix && !is_checkpoint(file.string()))
        names.insert(file.stem().string());
    }
  }
  return {names.begin(), names.end()};
}

std::string find_default_model() {
  const std::string name = environment("INKLING_MODEL");
  try {
    return find_model(name.empty() ? std::string(default_model) : name);
  } catch (const DataError& error) {
    if (name.empty()) data_error("{}, and name it with -m", error.what());
    data_error("$INKLING_MODEL: {}", error.what());
  }
}

std::string find_model(const std::string& name) {
  if (name.empty())
    usage_error("the model's name is empty; give the path of a file, or a model's name");
  if (is_file(name)) return name;
  const bool is_path = name.find('/') != std::string::npos || name.ends_with(model_suffix);
  const std::vector<std::string> folders = is_path ? std::vector<std::string>() : model_folders();
  for (const std::string& folder : folders) {
    const fs::path file = fs::path(folder) / (name + std::string(model_suffix));
    if (is_file(file)) return file.string();
  }
  if (const std::string here = name + std::string(model_suffix); is_file(here))
    data_error("there is no model '{0}', but a file {1} here: give {1}", name, here);
  std::error_code ignored;
  if (fs::is_directory(name, ignored))
    data_error("{} is a folder, not a model; give a file in it", name);
  if (const std::string hint = similar_name(name); !hint.empty())
    data_error("there is no model '{}'{}", name, hint);
  if (is_path)
    data_error("there is no model file {}; give the path of one, or a model's name", name);
  data_error(
      "there is no model '{}': no {}{} in {}; give the path of one, or make one with 'inkling "
      "train'",
      name, name, model_suffix, fmt::join(folders, ", "));
}

}  // namespace inkling::cli
