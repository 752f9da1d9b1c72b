#include "base/file_lock.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>

#include "support/refusal.h"
#include "support/temp_dir.h"

namespace fs = std::filesystem;
using inkling::FileLock;
using inkling::testing::bytes_of_file;
using inkling::testing::refusal;
using inkling::testing::says;
using inkling::testing::TempDir;

namespace {

std::string locking(const std::string& path) {
  return refusal([&] { const FileLock lock(path, "somebody is at it"); });
}

}  // namespace

TEST_CASE("a lock keeps others away while it lives, names its holder, and leaves nothing") {
  const TempDir folder;
  const std::string path = folder.file("lock");
  std::optional<FileLock> lock(std::in_place, path, "");
  CHECK(bytes_of_file(path) == fmt::format("{}\n", ::getpid()));
  CHECK(locking(path) == fmt::format("somebody is at it (process {})", ::getpid()));
  CHECK(fs::exists(path));
  lock.reset();
  CHECK_FALSE(fs::exists(path));
  CHECK(locking(path).empty());
}

TEST_CASE("the lock of a process that was killed is stale: it is taken over") {
  const TempDir folder;
  const std::string path = folder.file("lock");
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock lock(path, "");
    [[maybe_unused]] const ssize_t put = ::write(ready[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(locking(path) == fmt::format("somebody is at it (process {})", child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(bytes_of_file(path) == fmt::format("{}\n", child));
  {
    const FileLock lock(path, "");
    CHECK(bytes_of_file(path) == fmt::format("{}\n", ::getpid()));
  }
  CHECK_FALSE(fs::exists(path));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a file that says nothing of its holder is a lock as well, and a link is none") {
  const TempDir folder;
  const std::string path = folder.write("lock", "not a number");
  CHECK(locking(path).empty());
  CHECK_FALSE(fs::exists(path));
  folder.write("precious", "kept");
  fs::create_symlink("precious", path);
  CHECK(says(locking(path), "lock: cannot make this lock file: "));
  CHECK(bytes_of_file(folder.file("precious")) == "kept");
  CHECK(says(locking(folder.file("no/lock")), "No such file or directory"));
}
