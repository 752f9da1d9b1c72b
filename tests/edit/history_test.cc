#include "edit/history.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "edit/history_file.h"
#include "edit/history_search.h"
#include "support/refusal.h"
#include "support/resource_limit.h"
#include "support/temp_dir.h"

using namespace inkling::edit;
using inkling::testing::bytes_of_file;
using inkling::testing::refusal;
using inkling::testing::ResourceLimit;
using inkling::testing::says;
using inkling::testing::TempDir;
using Entries = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

// How many descriptors of this process are of that file.
int times_open(const std::string& path) {
  int times = 0;
  for (const fs::directory_entry& descriptor : fs::directory_iterator("/proc/self/fd")) {
    std::error_code closed;
    times += fs::read_symlink(descriptor.path(), closed) == path;
  }
  return times;
}

}  // namespace

TEST_CASE("the history lasts, in a file for its owner alone") {
  const TempDir dir;
  const std::string path = dir.file("state/inkling/history");
  {
    History history(path);
    CHECK(history.entries().empty());
    history.add("one");
    history.add("two\nlines \\ and a backslash");
    history.add("two\nlines \\ and a backslash");
    history.add("  \n");
    history.add("猫");
    CHECK(history.trouble().empty());
  }
  CHECK(History(path).entries() == Entries{"one", "two\nlines \\ and a backslash", "猫"});
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(stat(dir.file("state").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
  CHECK(bytes_of_file(path) == "one\ntwo\\nlines \\\\ and a backslash\n猫\n");
}

TEST_CASE("a line that a crash has cut, and bytes that are no text, do no harm") {
  const TempDir dir;
  const std::string path = dir.write("history", "one\n\n\xff\xfe bytes\ncut of");
  append_to_history(path, "next");
  CHECK(load_history(path, 10) == Entries{"one", "\uFFFD\uFFFD bytes", "cut of", "next"});
}

TEST_CASE("the file is cut when it has grown too long") {
  const TempDir dir;
  std::string bytes;
  for (int i = 0; i < 21; ++i) bytes += "entry " + std::to_string(i) + "\n";
  const std::string path = dir.write("history", bytes);
  chmod(path.c_str(), 0600);
  CHECK(load_history(path, 11).size() == 11);
  CHECK(bytes_of_file(path) == bytes);  // not yet twice as many
  const Entries kept = load_history(path, 10);
  CHECK(kept.size() == 10);
  CHECK(kept.back() == "entry 20");
  CHECK(bytes_of_file(path).starts_with("entry 11\n"));
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  // Megabytes of one line.
  const std::string huge = dir.write("huge", std::string(size_t{5} << 20, 'x') + "\nlast\n");
  CHECK(load_history(huge, 10) == Entries{"last"});
  CHECK(bytes_of_file(huge) == "last\n");
}

TEST_CASE("several processes may add to one history") {
  const TempDir dir;
  const std::string path = dir.file("history");
  constexpr int processes = 4, each = 25;
  for (int p = 0; p < processes; ++p) {
    if (fork() == 0) {
      for (int i = 0; i < each; ++i)
        append_to_history(path, "entry " + std::to_string(p * each + i));
      _exit(0);
    }
  }
  for (int p = 0; p < processes; ++p) wait(nullptr);
  Entries entries = load_history(path, 1000);
  CHECK(entries.size() == processes * each);
  std::sort(entries.begin(), entries.end());
  CHECK(std::unique(entries.begin(), entries.end()) == entries.end());
}

TEST_CASE("an entry that waits while the file is replaced comes into the new file") {
  const TempDir dir;
  const std::string path = dir.write("history", "old\n"), shorter = dir.write("shorter", "new\n");
  const int held = open(path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(flock(held, LOCK_EX) == 0);
  std::thread writer([&] { append_to_history(path, "entry"); });
  // Until it has opened the file too.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (times_open(path) < 2 && std::chrono::steady_clock::now() < deadline) usleep(1000);
  CHECK(times_open(path) == 2);
  fs::rename(shorter, path);
  close(held);
  writer.join();
  CHECK(bytes_of_file(path) == "new\nentry\n");
}

TEST_CASE("a file that cannot be cut is read all the same, one that cannot be written is said") {
  const TempDir dir;
  const std::string path = dir.write("history", "one\ntwo\nthree\n");
  std::signal(SIGXFSZ, SIG_IGN);
  {
    const ResourceLimit small(RLIMIT_FSIZE, 0);
    CHECK(load_history(path, 1) == Entries{"three"});
    CHECK(says(refusal([&] { append_to_history(path, "four"); }),
               path + ": cannot write the history: "));
  }
  std::signal(SIGXFSZ, SIG_DFL);
  CHECK(bytes_of_file(path) == "one\ntwo\nthree\n");
  fs::create_symlink("circle", dir.file("circle"));
  History circle(dir.file("circle"));
  CHECK(circle.trouble().find("circle: cannot read the history: ") != std::string::npos);
}

TEST_CASE("where the history cannot be kept it says so and goes on in memory") {
  const TempDir dir;
  History folder(dir.path());
  CHECK(folder.trouble().find("no file") != std::string::npos);
  folder.add("one");
  CHECK(folder.entries() == Entries{"one"});
  dir.write("file", "");
  History below(dir.file("file/history"));
  below.add("two");
  CHECK_FALSE(below.trouble().empty());
  CHECK(below.entries() == Entries{"two"});
  History nowhere;
  nowhere.add("three");
  CHECK(nowhere.trouble().empty());
}

TEST_CASE("in memory the newest entries are kept") {
  History history;
  for (size_t i = 0; i <= 2 * History::most_entries; ++i) history.add(std::to_string(i));
  CHECK(history.entries().size() == History::most_entries);
  CHECK(history.entries().front() == std::to_string(History::most_entries + 1));
  CHECK(history.entries().back() == std::to_string(2 * History::most_entries));
}

TEST_CASE("an entry of megabytes stays out of the file") {
  const TempDir dir;
  History history(dir.file("history"));
  history.add(std::string(History::longest_kept + 1, 'x'));
  history.add("short");
  CHECK(history.entries().size() == 2);
  CHECK(bytes_of_file(dir.file("history")) == "short\n");
}

TEST_CASE("a search finds older and newer entries while its query is typed") {
  History history;
  for (const char* entry : {"the cat", "a dog", "the dog", "a cat"}) history.add(entry);
  HistorySearch search(history);
  CHECK_FALSE(search.found());
  // Without a query there is nothing to look for.
  search.older();
  search.newer();
  CHECK_FALSE(search.found());
  CHECK_FALSE(search.failed());
  search.type("d");
  CHECK(search.entry() == "the dog");
  search.type("og");
  CHECK(search.entry() == "the dog");
  CHECK(search.match_end() == 7);
  search.older();
  CHECK(search.entry() == "a dog");
  search.older();
  CHECK(search.failed());
  CHECK(search.entry() == "a dog");
  search.newer();
  CHECK(search.entry() == "the dog");
  CHECK_FALSE(search.failed());
  search.newer();
  CHECK(search.failed());
  CHECK(search.entry() == "the dog");
  search.type("x");
  CHECK(search.failed());
  search.backspace();
  CHECK(search.entry() == "the dog");
  for (int i = 0; i < 5; ++i) search.backspace();
  CHECK_FALSE(search.found());
}
