#include "edit/history_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/file.h"
#include "text/utf8.h"

namespace inkling::edit {
namespace {

namespace fs = std::filesystem;

constexpr off_t most_bytes = off_t{4} << 20;

[[noreturn]] void fail(const std::string& path, std::string_view what, int error) {
  data_error("{}: cannot {} the history: {}", path, what, error_text(error));
}

std::string escaped(std::string_view entry) {
  std::string line;
  for (const char c : entry) {
    if (c == '\\') line += "\\\\";
    if (c == '\n') line += "\\n";
    if (c != '\\' && c != '\n') line += c;
  }
  return line + "\n";
}

std::string unescaped(std::string_view line) {
  std::string entry;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      ++i;
      entry += line[i] == 'n' ? '\n' : line[i];
    } else {
      entry += line[i];
    }
  }
  return text::replace_ill_formed(entry);
}

bool same_file(int descriptor, const std::string& path) {
  struct stat open {
  }, named{};
  return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

// Opens the file and locks it against other processes until the descriptor is closed.
int open_locked(const std::string& path, int flags) {
  while (true) {
    // Without O_NONBLOCK a pipe of that name would be waited for.
    const int file = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    if (file < 0) return file;
    while (::flock(file, LOCK_EX) != 0 && errno == EINTR) {
    }
    // Another process may have put a shorter file in its place while this one waited.
    if (same_file(file, path) || (flags & O_CREAT) == 0) return file;
    ::close(file);
  }
}

// The end of the file, at most most_bytes, from where a line begins.
std::string read_tail(Descriptor& file, const std::string& path, off_t size) {
  const off_t begin = std::max<off_t>(0, size - most_bytes);
  std::string bytes(static_cast<size_t>(size - begin), '\0');
  size_t filled = 0;
  if (::lseek(file.number(), begin, SEEK_SET) < 0) fail(path, "read", errno);
  while (filled < bytes.size()) {
    const ssize_t got = file.read(std::as_writable_bytes(std::span(bytes).subspan(filled)));
    if (got < 0) fail(path, "read", errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(filled);
  if (begin > 0) bytes.erase(0, std::min(bytes.find('\n'), bytes.size() - 1) + 1);
  return bytes;
}

std::vector<std::string> entries_in(std::string_view bytes) {
  std::vector<std::string> entries;
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    if (end > 0) entries.push_back(unescaped(bytes.substr(0, end)));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return entries;
}

void make_folders(const fs::path& folder) {
  std::error_code ignored;
  if (folder.empty() || fs::exists(folder, ignored)) return;
  make_folders(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    data_error("{}: cannot make this folder for the history: {}", folder.string(),
               error_text(errno));
  }
}

}  // namespace

std::vector<std::string> load_history(const std::string& path, size_t most) {
  Descriptor file(open_locked(path, O_RDONLY), system_calls());
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    fail(path, "read", errno);
  }
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) fail(path, "read", errno);
  if (!S_ISREG(status.st_mode)) {
    data_error("{}: this should be the file of the history, but it is no file", path);
  }
  std::vector<std::string> entries = entries_in(read_tail(file, path, status.st_size));
  const bool too_many = entries.size() > 2 * most || status.st_size > most_bytes;
  if (entries.size() > most) {
    entries.erase(entries.begin(), entries.end() - static_cast<std::ptrdiff_t>(most));
  }
  if (too_many) {
    std::string kept;
    for (const std::string& entry : entries) kept += escaped(entry);
    try {
      write_atomically(path, kept);
    } catch (const Error&) {
      // Then it stays as long as it is.
    }
  }
  return entries;
}

void append_to_history(const std::string& path, std::string_view entry) {
  make_folders(fs::path(path).parent_path());
  Descriptor file(open_locked(path, O_RDWR | O_CREAT | O_APPEND), system_calls());
  if (!file.is_open()) fail(path, "write", errno);
  std::string line = escaped(entry);
  // A line that a power cut has left unfinished must not swallow this one.
  char last = '\n';
  const off_t size = ::lseek(file.number(), 0, SEEK_END);
  if (size > 0 && ::pread(file.number(), &last, 1, size - 1) == 1 && last != '\n')
    line.insert(0, "\n");
  if (!file.write_all(std::as_bytes(std::span(line))) || !file.sync() || !file.close()) {
    fail(path, "write", errno);
  }
}

}  // namespace inkling::edit
