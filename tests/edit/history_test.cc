#include "edit/history.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "edit/history_file.h"
#include "edit/history_search.h"
#include "support/temp_dir.h"

using namespace inkling::edit;
using inkling::testing::bytes_of_file;
using inkling::testing::TempDir;
using Entries = std::vector<std::string>;

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
  search.type("x");
  CHECK(search.failed());
  search.backspace();
  CHECK(search.entry() == "the dog");
  for (int i = 0; i < 5; ++i) search.backspace();
  CHECK_FALSE(search.found());
}
