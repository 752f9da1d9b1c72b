#include "cli/prompt/file_names.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cli/user_folders.h"
#include "text/utf8.h"

namespace inkling::cli {

namespace fs = std::filesystem;

std::vector<std::string> file_names(std::string_view begun, std::string_view suffix) {
  constexpr size_t most = 200;
  const size_t slash = begun.rfind('/');
  const std::string folder(slash == std::string_view::npos ? "" : begun.substr(0, slash + 1));
  const std::string_view name = begun.substr(folder.size());
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder.empty() ? "." : with_home(folder), error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    if (!file.starts_with(name) || (file.front() == '.' && !name.starts_with('.'))) continue;
    if (text::find_ill_formed(file)) continue;  // nobody could type it
    std::error_code ignored;
    const bool is_folder = entry->is_directory(ignored);
    if (!is_folder && !file.ends_with(suffix)) continue;
    found.push_back(folder + file + (is_folder ? "/" : ""));
  }
  std::sort(found.begin(), found.end());
  if (found.size() > most) found.resize(most);
  return found;
}

}  // namespace inkling::cli
