#include "cli/prompt/kept_texts.h"

#include <fmt/format.h>

#include <system_error>

#include "base/error.h"
#include "base/file.h"

namespace inkling::cli {

std::string keep_text(const std::filesystem::path& folder, const std::string& text) {
  constexpr int most = 9;  // beside the last one
  if (folder.empty()) data_error("there is no home folder");
  std::error_code ignored;  // of what is missing; what cannot be done the last call says
  std::filesystem::create_directories(folder, ignored);
  const std::filesystem::path last = folder / "last-text.txt";
  const auto older = [&](int n) {
    return n == 0 ? last : folder / fmt::format("last-text.{}.txt", n);
  };
  int free = 0;
  while (free < most && std::filesystem::exists(older(free), ignored)) ++free;
  for (int n = free; n > 0; --n) {
    std::error_code error;
    std::filesystem::rename(older(n - 1), older(n), error);
    if (error) data_error("{}: {}", older(n).string(), error.message());
  }
  write_atomically(last.string(), text + "\n");
  return last.string();
}

}  // namespace inkling::cli
