#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "support/refusal.h"
#include "support/sanitizers.h"
#include "support/temp_dir.h"
#include "text/corpus.h"

using namespace inkling::text;
using namespace std::string_literals;
using inkling::testing::refusal;
using inkling::testing::says;
using inkling::testing::TempDir;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

Names texts_of(const std::vector<SourceText>& sources) {
  Names texts;
  for (const SourceText& source : sources) texts.push_back(source.text);
  return texts;
}

std::vector<SourceText> read(const Names& paths, const ReadOptions& options = {},
                             Unit unit = Unit::grapheme) {
  return read_texts(paths, options, unit);
}

// Standard input from a file, until the end of the scope.
class StandardInput {
 public:
  explicit StandardInput(const std::string& path) : saved_(::dup(STDIN_FILENO)) {
    REQUIRE(std::freopen(path.c_str(), "r", stdin) != nullptr);
  }
  ~StandardInput() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int saved_;
};

// No file can be opened, until the end of the scope.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    ::getrlimit(RLIMIT_NOFILE, &usual_);
    const rlimit none{0, usual_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &usual_); }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;

 private:
  rlimit usual_{};
};

}  // namespace

TEST_CASE("files are read in the order given, under the names given, each once") {
  const TempDir folder;
  const std::string b = folder.write("b.txt", "bee");
  const std::string a = folder.write("a.txt",
                                     "\uFEFF"
                                     "ay\r\n");
  const auto sources = read({b, a, b, folder.path() + "/./a.txt"});
  CHECK(texts_of(sources) == Names{"bee", "ay\r\n"});
  CHECK(sources[1].name == a);
  CHECK(texts_of(read({b, folder.path()})) == Names{"bee", "ay\r\n"});
  CHECK(texts_of(read({folder.path(), a, folder.path()})) == Names{"ay\r\n", "bee"});
  // What a folder passes over is read where it is named.
  const std::string binary = folder.write("n.txt", std::string("\0n", 2));
  CHECK(texts_of(read({folder.path(), binary})) == Names{"ay\r\n", "bee", std::string("\0n", 2)});
}

TEST_CASE("a folder's texts are read in the order of their paths, without what is no text") {
  const TempDir folder;
  folder.write("b.txt", "4");
  folder.write("B.txt", "1");
  folder.write("a/z.txt", "2");
  folder.write("a.txt", "3");
  folder.write("é", "5");
  folder.write(".hidden", "no");
  folder.write(".git/config", "no");
  folder.write("image.PNG", "no");
  folder.write("zero", "no\0t text"s);
  folder.write("empty.txt", "");
  fs::create_symlink(folder.path(), folder.file("loop"));
  fs::create_symlink("no such file", folder.file("dangling"));
  for (int twice = 0; twice < 2; ++twice)
    CHECK(texts_of(read({folder.path()})) == Names{"1", "2", "3", "4", "5"});
  CHECK(texts_of(read({folder.path() + "/"})).size() == 5);
  CHECK(read({folder.file("a")}).at(0).name == folder.file("a/z.txt"));
  CHECK(texts_of(read({folder.file("zero"), folder.file("image.PNG")})) ==
        Names{"no\0t text"s, "no"});
}

TEST_CASE("a folder of UTF-16 files is read when asked, and else explained") {
  const TempDir folder;
  folder.write("a.txt",
               "\xFF\xFE"
               "a\0\n\0"s);
  CHECK(texts_of(read({folder.path()}, {.encoding = "utf-16"})) == Names{"a\n"});
  CHECK(says(refusal([&] { read({folder.path()}); }), "a.txt: it looks like UTF-16, not UTF-8"));
}

TEST_CASE("what holds zero bytes is no text in any encoding that has none") {
  const TempDir folder;
  folder.write("a.txt", "caf\xE9");
  folder.write("program", "\x7f\0ELF"s);
  for (const char* encoding : {"windows-1252", "iso-8859-15"}) {
    CHECK(texts_of(read({folder.path()}, {.encoding = encoding})) == Names{"café"});
  }
}

TEST_CASE("texts that were read already are not read again") {
  const TempDir folder;
  folder.write("a.txt", "1");
  folder.write("b.txt", "2");
  const std::vector<SourceText> others = read({folder.file("b.txt")});
  const auto rest = [&](const std::string& path) {
    return texts_of(read_texts({path}, {}, Unit::grapheme, others));
  };
  CHECK(rest(folder.path()) == Names{"1"});
  CHECK(rest(folder.file("b.txt")).empty());
}

TEST_CASE("standard input is read once") {
  const TempDir folder;
  const StandardInput input(folder.write("in", "from a pipe\n"));
  const auto sources = read({"-"});
  CHECK(texts_of(sources) == Names{"from a pipe\n"});
  CHECK(sources[0].name == "-");
  CHECK(says(refusal([&] { read({"-"}); }), "standard input is empty"));
}

TEST_CASE("standard input given twice is refused, not found empty") {
  const TempDir folder;
  const StandardInput input(folder.write("in", "from a pipe\n"));
  CHECK_THROWS_AS(read({"-", "-"}), inkling::UsageError);
}

TEST_CASE("what cannot be read has its own sentence each") {
  const TempDir folder;
  const std::string empty = folder.write("empty/empty.txt", "");
  const std::string mark = folder.write("mark.txt", "\uFEFF");
  const auto message = [](const std::string& path) { return refusal([&] { read({path}); }); };
  CHECK(message(folder.file("none")) ==
        folder.file("none") + ": no such file or folder; check the path");
  CHECK(message(mark + "/below").starts_with(mark + "/below: "));
  CHECK(message(empty) == empty + ": the file is empty; there is nothing to read");
  CHECK(says(message(mark), "the file is empty"));
  CHECK(says(message(folder.file("empty")),
             "empty: the folder holds no text (hidden, binary and empty files are passed over)"));
  CHECK(says(message(folder.write("latin", "caf\xE9")),
             "latin: line 1, byte 3: ill-formed UTF-8 (0xE9)"));
  fs::create_symlink("loop", folder.file("loop"));
  CHECK(message(folder.file("loop")) ==
        folder.file("loop") +
            ": cannot read it: Too many levels of symbolic links; check its path and the "
            "permissions");
  fs::permissions(mark, fs::perms::none);
  if (::geteuid() != 0) CHECK(says(message(mark), "cannot read it: Permission denied"));
}

// Sanitizers look at objects through pipes, of which there are none then.
#if !INKLING_ADDRESS_SANITIZER && !INKLING_THREAD_SANITIZER
TEST_CASE("a folder that cannot be listed to its end is refused by name, not read in part") {
  const TempDir folder;
  folder.write("a.txt", "text");
  folder.write("below/b.txt", "more");
  for (const std::string& path : {folder.path(), folder.file("below")}) {
    std::string sentence;
    {
      const NoMoreFiles none;
      sentence = refusal([&] { read({path}); });
    }
    CHECK(sentence == path +
                          ": cannot read the folder: Too many open files; check the permissions of "
                          "it and of the folders in it");
  }
  CHECK(read({folder.path()}).size() == 2);
}
#endif

TEST_CASE("replaced bytes are counted per source") {
  const TempDir folder;
  const auto sources = read({folder.write("a", "x\xFF\xFFy"), folder.write("b", "é")},
                            {.invalid = Invalid::replace});
  CHECK(sources[0].replaced == 2);
  CHECK(sources[1].replaced == 0);
  CHECK(read({folder.file("a")}, {}, Unit::byte).at(0).text == "x\xFF\xFFy");
}
