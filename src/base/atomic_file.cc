#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include "base/checksum.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/file.h"

namespace inkling {
namespace {

namespace fs = std::filesystem;

std::string_view advice_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space there or choose another place";
    case EACCES:
    case EPERM:
      return "; check the permissions of the folder or choose another place";
    case EROFS:
      return "; choose a place that can be written to";
    case ENOENT:
      return "; create the folder first or correct the path";
    case ENOTDIR:
      return "; a part of the path is a file and not a folder: correct the path";
    case EFBIG:
      return "; the file system or a limit (ulimit -f) does not allow so large a file";
    case ENAMETOOLONG:
      return "; choose a shorter name";
    case EIO:
      return "; the disk may be failing";
    default:
      return "";
  }
}

// The file that `path` names in the end, whether or not it exists yet.
fs::path follow_links(const std::string& path) {
  fs::path target = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(target, error); ++links) {
    if (links == 40) data_error("{}: cannot write it: too many symbolic links", path);
    const fs::path next = fs::read_symlink(target, error);
    if (error) break;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target;
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

constexpr int most_attempts = 100;

// A temporary file of `target` is .NAME.PID.tmp, or .NAME.PID.ATTEMPT.tmp. Long names leave no room
// for more: what is unique is the process and the attempt.
std::string temporary_prefix(const fs::path& target) {
  return "." + target.filename().string().substr(0, 200) + ".";
}

bool is_temporary_name(std::string_view name, std::string_view prefix) {
  constexpr std::string_view suffix = ".tmp";
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return false;
  if (name.size() <= prefix.size() + suffix.size()) return false;
  std::string_view numbers =
      name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  const auto take_number = [&](int most) {
    int number = 0;
    const auto [end, error] =
        std::from_chars(numbers.data(), numbers.data() + numbers.size(), number);
    numbers.remove_prefix(static_cast<size_t>(end - numbers.data()));
    return error == std::errc() && number > 0 && number <= most;
  };
  if (!take_number(std::numeric_limits<int>::max())) return false;
  if (numbers.empty()) return true;
  // Else it may be another file's, whose name goes on with a number: "run" and "run.2".
  if (numbers.front() != '.') return false;
  numbers.remove_prefix(1);
  return take_number(most_attempts) && numbers.empty();
}

class AtomicFile {
 public:
  AtomicFile(const std::string& path, const WriteOptions& options)
      : path_(path), options_(options), calls_(*options.calls), target_(follow_links(path)) {
    if (!target_.has_filename()) data_error("{}: cannot write it: it names a folder", path_);
    folder_ = folder_of(target_);
    look_at_target();
    create_temporary();
  }

  ~AtomicFile() {
    if (!temporary_.empty()) calls_.unlink(temporary_.c_str());
  }

  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes) {
    constexpr size_t most_buffered = size_t{1} << 20;
    checksum_.add(bytes);
    size_ += bytes.size();
    if (buffer_.size() + bytes.size() > most_buffered) flush();
    if (bytes.size() > most_buffered) {
      if (!file_->write_all(bytes)) fail("cannot write it", errno);
    } else {
      buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    }
  }

  void publish() {
    flush();
    if (!file_->sync() || !file_->close()) fail("cannot write it", errno);
    verify();
    const fs::path kept = keep_old();
    if (calls_.rename(temporary_.c_str(), target_.c_str()) != 0) {
      const int error = errno;
      if (!kept.empty()) calls_.rename(kept.c_str(), target_.c_str());
      fail("cannot rename the new file", error);
    }
    temporary_.clear();
    sync_folder(folder_);
    if (!kept.empty() && folder_of(kept) != folder_) sync_folder(folder_of(kept));
  }

 private:
  [[noreturn]] void fail(std::string_view what, int error) const {
    data_error("{}: {}: {}{}{}", path_, what, error_text(error), advice_for(error), unchanged());
  }

  std::string_view unchanged() const { return mode_ ? " (the old file is unchanged)" : ""; }

  void look_at_target() {
    struct stat status {};
    if (::stat(target_.c_str(), &status) != 0) {
      if (errno != ENOENT) fail("cannot write it", errno);
    } else if (S_ISDIR(status.st_mode)) {
      data_error("{}: cannot write it: it is a folder", path_);
    } else if (!S_ISREG(status.st_mode)) {
      // A rename would put a plain file in the place of, say, /dev/null.
      data_error("{}: cannot write it: it is not a regular file; choose a path for a new file",
                 path_);
    } else {
      mode_ = status.st_mode & 07777;
    }
  }

  void create_temporary() {
    for (int attempt = 0;; ++attempt) {
      const std::string suffix = attempt == 0 ? "" : fmt::format(".{}", attempt);
      const fs::path path =
          folder_ / fmt::format("{}{}{}.tmp", temporary_prefix(target_), ::getpid(), suffix);
      const int number =
          open_file(calls_, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (number >= 0) {
        file_.emplace(number, calls_);
        temporary_ = path;
        break;
      }
      // Another thread's, or left behind by a process of the same number that was killed.
      if (errno != EEXIST || attempt == most_attempts) fail("cannot write it", errno);
    }
    if (mode_ && ::fchmod(file_->number(), *mode_) != 0) fail("cannot keep its permissions", errno);
  }

  void flush() {
    if (!file_->write_all(buffer_)) fail("cannot write it", errno);
    buffer_.clear();
  }

  void verify() {
    Descriptor written(open_file(calls_, temporary_.c_str(), O_RDONLY | O_CLOEXEC), calls_);
    if (!written.is_open()) fail("cannot read back what was written", errno);
    calls_.uncache(written.number());
    Checksum checksum;
    size_t size = 0;
    std::vector<std::byte> piece(size_t{1} << 20);
    while (const ssize_t got = written.read(piece)) {
      if (got < 0) fail("cannot read back what was written", errno);
      checksum.add(std::span(piece).first(static_cast<size_t>(got)));
      size += static_cast<size_t>(got);
    }
    if (size != size_ || checksum.value() != checksum_.value()) {
      data_error(
          "{}: what was written reads back differently; the disk may be failing: choose another "
          "place{}",
          path_, unchanged());
    }
  }

  // Renames the old file where it is to be kept; where that cannot be (another file system, say) it
  // is replaced. Returns its new path, empty where there is none.
  fs::path keep_old() {
    if (options_.keep_old_as.empty() || !mode_) return {};
    const fs::path kept = follow_links(options_.keep_old_as);
    return calls_.rename(target_.c_str(), kept.c_str()) == 0 ? kept : fs::path();
  }

  // The rename itself is durable only when the folder is.
  void sync_folder(const fs::path& path) {
    Descriptor folder(open_file(calls_, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), calls_);
    // A folder that may be written but not read, or a file system that cannot do it: nothing more
    // can be done.
    if (!folder.is_open() && errno == EACCES) return;
    if (folder.is_open() && (folder.sync() || errno == EINVAL || errno == EROFS)) return;
    data_error(
        "{}: the new file is in place, but may not survive a power cut: cannot sync its folder: {}",
        path_, error_text(errno));
  }

  std::string path_;  // as the caller wrote it
  const WriteOptions& options_;
  FileCalls& calls_;
  fs::path target_;
  fs::path folder_;
  std::optional<mode_t> mode_;  // of the file to be replaced
  fs::path temporary_;          // empty once renamed
  std::optional<Descriptor> file_;
  std::vector<std::byte> buffer_;
  Checksum checksum_;
  size_t size_ = 0;
};

}  // namespace

void write_atomically(const std::string& path, const std::function<void(const ByteSink&)>& write,
                      const WriteOptions& options) {
  AtomicFile file(path, options);
  write([&](std::span<const std::byte> bytes) { file.write(bytes); });
  file.publish();
}

void write_atomically(const std::string& path, std::span<const std::byte> bytes,
                      const WriteOptions& options) {
  write_atomically(
      path, [&](const ByteSink& sink) { sink(bytes); }, options);
}

std::string without_links(const std::string& path) { return follow_links(path).string(); }

bool remove_file(const std::string& path, FileCalls& calls) {
  return calls.unlink(follow_links(path).c_str()) == 0 || errno == ENOENT;
}

void remove_stale_temporaries(const std::string& path) {
  const fs::path target = follow_links(path), folder = folder_of(target);
  const std::string prefix = temporary_prefix(target);
  // Not a directory_iterator, which ends the process where memory runs out.
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(folder.c_str()), ::closedir);
  if (listing == nullptr) return;
  std::vector<std::string> stale;
  while (const dirent* entry = ::readdir(listing.get())) {
    if (is_temporary_name(entry->d_name, prefix)) stale.push_back(folder / entry->d_name);
  }
  for (const std::string& file : stale) ::unlink(file.c_str());
}

}  // namespace inkling
