#include "cli/user_folders.h"

#include <cstdlib>

namespace inkling::cli {
namespace {

namespace fs = std::filesystem;

fs::path home() {
  const fs::path home = environment("HOME");
  return home.is_absolute() ? home : fs::path();
}

// The specification has relative values ignored.
fs::path folder(const char* variable, const char* below_home) {
  fs::path set = environment(variable);
  if (set.is_absolute()) return set;
  return home().empty() ? fs::path() : home() / below_home;
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

fs::path data_home() { return folder("XDG_DATA_HOME", ".local/share"); }
fs::path state_home() { return folder("XDG_STATE_HOME", ".local/state"); }

std::string with_home(const std::string& path) {
  if (!path.starts_with("~/") || home().empty()) return path;
  return (home() / path.substr(2)).string();
}

}  // namespace inkling::cli
