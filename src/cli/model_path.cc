#include "cli/model_path.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace inkling::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".safetensors";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_directory(path, ignored);
}

// The XDG specification has relative values ignored.
fs::path data_home() {
  fs::path set = environment("XDG_DATA_HOME");
  if (set.is_absolute()) return set;
  const fs::path home = environment("HOME");
  return home.is_absolute() ? home / ".local/share" : fs::path();
}

}  // namespace

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

std::string find_model(const std::string& asked) {
  std::string name = asked.empty() ? environment("INKLING_MODEL") : asked;
  if (name.empty()) name = default_model;
  if (is_file(name)) return name;
  if (name.find('/') != std::string::npos || name.ends_with(suffix)) {
    data_error("there is no model file {}; give -m the path of one, or a model's name", name);
  }
  const std::vector<std::string> folders = model_folders();
  for (const std::string& folder : folders) {
    const fs::path file = fs::path(folder) / (name + std::string(suffix));
    if (is_file(file)) return file.string();
  }
  data_error(
      "there is no model '{}': no {}{} in {}; give the path of one with -m, or make one with "
      "'inkling train'",
      name, name, suffix, fmt::join(folders, ", "));
}

}  // namespace inkling::cli
