#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "text/corpus.h"
#include "text/decoder.h"
#include "text/encoding_guess.h"

namespace inkling::text {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view binary_suffixes[] = {
    ".7z",   ".a",     ".avi",  ".bin",  ".bmp", ".bz2",         ".class", ".dll",
    ".doc",  ".docx",  ".epub", ".exe",  ".gif", ".gz",          ".ico",   ".jar",
    ".jpg",  ".jpeg",  ".lz4",  ".mkv",  ".mov", ".mp3",         ".mp4",   ".npy",
    ".npz",  ".o",     ".odt",  ".ogg",  ".otf", ".pdf",         ".png",   ".ppt",
    ".pptx", ".pt",    ".pth",  ".pyc",  ".rar", ".safetensors", ".so",    ".sqlite",
    ".tar",  ".tgz",   ".tif",  ".tiff", ".ttf", ".wav",         ".webm",  ".webp",
    ".woff", ".woff2", ".xls",  ".xlsx", ".xz",  ".zip",         ".zst"};

bool has_binary_suffix(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::find(std::begin(binary_suffixes), std::end(binary_suffixes), suffix) !=
         std::end(binary_suffixes);
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

// Folders that are symbolic links are not entered, so that a scan always ends.
std::vector<fs::path> files_below(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::path here = folder;
  fs::recursive_directory_iterator entry(folder, error);
  while (!error && entry != fs::recursive_directory_iterator()) {
    here = entry->path();
    if (is_hidden(here)) {
      entry.disable_recursion_pending();
    } else if (std::error_code gone; entry->is_regular_file(gone) && !has_binary_suffix(here)) {
      files.push_back(here);
    }
    entry.increment(error);
  }
  if (error) {
    data_error(
        "{}: cannot read the folder: {}; check the permissions of it and of the folders in it",
        here.string(), error.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class SourceReader {
 public:
  SourceReader(const ReadOptions& options, Unit unit) : options_(options), unit_(unit) {}

  // As if it had been read already.
  void pass_over(const std::string& path) {
    if (path == "-") standard_input_read_ = true;
    if (fs::path file = identity(path); !file.empty()) files_.insert(std::move(file));
  }

  void read(const std::string& path) {
    std::error_code error;
    if (path != "-" && files_.contains(identity(path))) return;
    const fs::file_status status = fs::status(path, error);
    if (path == "-") {
      read_standard();
    } else if (status.type() == fs::file_type::not_found) {
      data_error("{}: no such file or folder; check the path", path);
    } else if (error) {
      data_error("{}: cannot read it: {}; check its path and the permissions", path,
                 error.message());
    } else if (status.type() == fs::file_type::directory) {
      read_folder(path);
    } else {
      SourceText source = decoded(path, read_file(path));
      if (source.text.empty()) data_error("{}: the file is empty; there is nothing to read", path);
      take(path, std::move(source));
    }
  }

  std::vector<SourceText> take() { return std::move(sources_); }

 private:
  void read_standard() {
    if (std::exchange(standard_input_read_, true)) {
      usage_error("'-' is given twice, but standard input can be read only once");
    }
    SourceText source = decoded("-", read_standard_input());
    if (source.text.empty()) data_error("standard input is empty; there is nothing to read");
    sources_.push_back(std::move(source));
  }

  void read_folder(const std::string& folder) {
    const size_t before = sources_.size();
    bool has_known = false;
    for (const fs::path& path : files_below(folder)) {
      if (files_.contains(identity(path))) {
        has_known = true;
        continue;
      }
      std::string bytes = read_file(path.string());
      if (is_binary(bytes)) continue;
      SourceText source = decoded(path.string(), std::move(bytes));
      if (!source.text.empty()) take(path, std::move(source));
    }
    if (sources_.size() == before && !has_known) {
      data_error(
          "{}: the folder holds no text (hidden, binary and empty files are passed over); name the "
          "files instead",
          folder);
    }
  }

  // The same for all paths of a file; "" for what is none.
  static fs::path identity(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) ? fs::canonical(path, error) : fs::path();
  }

  void take(const fs::path& path, SourceText source) {
    pass_over(path);
    sources_.push_back(std::move(source));
  }

  // UTF-16 and UTF-32 are full of zero bytes: where they are asked for, or announced by a byte
  // order mark (which gets its message), zero bytes say nothing.
  bool is_binary(std::string_view bytes) const {
    if (bytes.find('\0') == std::string_view::npos) return false;
    const bool marked = bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff");
    if (is_utf8(options_.encoding)) return unit_ == Unit::byte || !marked;
    return !is_wide(options_.encoding);
  }

  SourceText decoded(const std::string& name, std::string bytes) const {
    SourceText source{.name = name, .text = "", .replaced = 0};
    source.text = decode(std::move(bytes), name == "-" ? "standard input" : name, options_, unit_,
                         &source.replaced);
    return source;
  }

  const ReadOptions& options_;
  Unit unit_;
  bool standard_input_read_ = false;
  std::set<fs::path> files_;  // that were read
  std::vector<SourceText> sources_;
};

}  // namespace

std::vector<SourceText> read_texts(const std::vector<std::string>& paths,
                                   const ReadOptions& options, Unit unit,
                                   const std::vector<SourceText>& others) {
  SourceReader reader(options, unit);
  for (const SourceText& source : others) reader.pass_over(source.name);
  for (const std::string& path : paths) reader.read(path);
  return reader.take();
}

}  // namespace inkling::text
