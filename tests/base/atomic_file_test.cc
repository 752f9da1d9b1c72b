#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "support/faulty_calls.h"
#include "support/names_in.h"
#include "support/refusal.h"
#include "support/temp_dir.h"

namespace fs = std::filesystem;
using inkling::ByteSink;
using inkling::FileCalls;
using inkling::write_atomically;
using inkling::testing::bytes_of_file;
using inkling::testing::FaultyCalls;
using inkling::testing::names_in;
using inkling::testing::refusal;
using inkling::testing::says;
using inkling::testing::TempDir;

TEST_CASE("a write makes or replaces the file and leaves nothing else") {
  const TempDir folder;
  const std::string path = folder.file("model");
  for (const std::string bytes : {"first", "the second, longer", "", "4"}) {
    write_atomically(path, bytes);
    CHECK(bytes_of_file(path) == bytes);
    CHECK(names_in(folder.path()) == std::set<std::string>{"model"});
  }
}

TEST_CASE("small and large pieces arrive in order") {
  const TempDir folder;
  const std::string path = folder.file("f");
  const std::string large(3000000, 'L');
  FaultyCalls calls;
  calls.interruptions = 4;
  write_atomically(path,
                   [&](const ByteSink& sink) {
                     for (const std::string& piece :
                          {std::string("a"), large, std::string("bc"), std::string(), large}) {
                       sink(std::as_bytes(std::span(piece)));
                     }
                   },
                   {.calls = &calls});
  CHECK(bytes_of_file(path) == "a" + large + "bc" + large);
  calls.in_small_steps = true;
  write_atomically(path, "written three bytes at a time", {.calls = &calls});
  CHECK(bytes_of_file(path) == "written three bytes at a time");
  CHECK(calls.open_files == 0);
}

TEST_CASE("the permissions of an existing file are kept") {
  const TempDir folder;
  const std::string path = folder.write("f", "old");
  for (const mode_t mode : {0640U, 0600U, 0755U}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    write_atomically(path, "new");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == mode);
  }
}

TEST_CASE("a symbolic link stays and its file is replaced") {
  const TempDir folder;
  folder.write("real/file", "old");
  fs::create_symlink("real/file", folder.file("link"));
  fs::create_symlink("link", folder.file("second"));
  fs::create_symlink(folder.file("real/new"), folder.file("dangling"));
  write_atomically(folder.file("second"), "new");
  write_atomically(folder.file("dangling"), "fresh");
  CHECK(fs::is_symlink(folder.file("link")));
  CHECK(fs::is_symlink(folder.file("second")));
  CHECK(bytes_of_file(folder.file("real/file")) == "new");
  CHECK(bytes_of_file(folder.file("real/new")) == "fresh");
  CHECK(names_in(folder.file("real")) == std::set<std::string>{"file", "new"});

  fs::create_symlink("loop", folder.file("loop"));
  CHECK(says(refusal([&] { write_atomically(folder.file("loop"), "x"); }),
             "too many symbolic links"));
}

TEST_CASE("places that cannot be written to are refused with the reason") {
  const TempDir folder;
  const std::string file = folder.write("file", "kept");
  const auto writing = [](const std::string& path) {
    return refusal([&] { write_atomically(path, "x"); });
  };
  CHECK(says(writing(folder.file("no/such/f")),
             "No such file or directory; create the folder first"));
  CHECK(says(writing(file + "/f"), "a part of the path is a file"));
  CHECK(says(writing(folder.path()), "it is a folder"));
  CHECK(says(writing(folder.file(std::string(256, 'n'))),
             "File name too long; choose a shorter name"));
  CHECK(says(writing(folder.path() + "/"), "it names a folder"));
  CHECK(says(writing("/dev/full"), "/dev/full: cannot write it: it is not a regular file"));
  CHECK(says(writing("/proc/inkling-cannot-be-here"),
             "/proc/inkling-cannot-be-here: cannot write it: "));
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  if (::geteuid() != 0)
    CHECK(says(writing(file), "Permission denied; check the permissions of the folder"));
  fs::permissions(folder.path(), fs::perms::owner_all);
  CHECK(bytes_of_file(file) == "kept");
  CHECK(names_in(folder.path()) == std::set<std::string>{"file"});
}

TEST_CASE("a name as long as a name may be can be written") {
  const TempDir folder;
  const std::string path = folder.file(std::string(255, 'n'));
  write_atomically(path, "x");
  CHECK(bytes_of_file(path) == "x");
}

TEST_CASE("whatever fails, the old file stays and no litter is left") {
  using Call = FaultyCalls::Call;
  struct Case {
    Call call;
    int skip;
    int error;
    const char* sentence;
  };
  const Case cases[] = {
      {Call::open, 0, EACCES, "Permission denied; check the permissions of the folder"},
      {Call::open, 0, EROFS, "Read-only file system; choose a place that can be written to"},
      {Call::write, 0, ENOSPC,
       "No space left on device; free some space there or choose another place"},
      {Call::write, 1, ENOSPC, "No space left on device; free some space"},
      {Call::write, 0, EFBIG, "File too large; the file system or a limit"},
      {Call::sync, 0, EIO, "Input/output error; the disk may be failing"},
      {Call::close, 0, EDQUOT, "Disk quota exceeded; free some space"},
      {Call::open, 1, EMFILE, "cannot read back what was written: Too many open files"},
      {Call::read, 0, EIO, "cannot read back what was written: Input/output error"},
      {Call::rename, 0, EPERM, "cannot rename the new file: Operation not permitted"},
  };
  const TempDir folder;
  const std::string path = folder.write("f", "old");
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    FaultyCalls calls;
    calls.call = c.call;
    calls.skip = c.skip;
    calls.error = c.error;
    calls.in_small_steps = true;
    const std::string sentence =
        refusal([&] { write_atomically(path, "the new bytes", {.calls = &calls}); });
    CHECK(says(sentence, c.sentence));
    CHECK(sentence.starts_with(path + ": "));
    CHECK(sentence.ends_with(" (the old file is unchanged)"));
    CHECK(bytes_of_file(path) == "old");
    CHECK(names_in(folder.path()) == std::set<std::string>{"f"});
    CHECK(calls.open_files == 0);
  }
  FaultyCalls calls;
  calls.corrupt = true;
  CHECK(says(refusal([&] { write_atomically(path, "the new bytes", {.calls = &calls}); }),
             "reads back differently"));
  CHECK(bytes_of_file(path) == "old");
  CHECK(names_in(folder.path()) == std::set<std::string>{"f"});
}

TEST_CASE("a disk that takes nothing, and gives no reason, is not asked for ever") {
  struct Deaf : FileCalls {
    ssize_t write(int, const void*, size_t) override { return 0; }
  } calls;
  const TempDir folder;
  const std::string path = folder.write("f", "old");
  CHECK(says(refusal([&] { write_atomically(path, "new", {.calls = &calls}); }),
             "cannot write it: Input/output error"));
  CHECK(bytes_of_file(path) == "old");
  CHECK(names_in(folder.path()) == std::set<std::string>{"f"});
}

TEST_CASE("a folder that cannot be synced is reported, with the new file in place") {
  const TempDir folder;
  FaultyCalls calls;
  calls.call = FaultyCalls::Call::sync;
  calls.skip = 1;
  const std::string path = folder.file("f");
  CHECK(says(refusal([&] { write_atomically(path, "new", {.calls = &calls}); }),
             "the new file is in place"));
  CHECK(bytes_of_file(path) == "new");
}

TEST_CASE("what the writer throws passes, and nothing has changed") {
  const TempDir folder;
  const std::string path = folder.write("f", "old");
  CHECK_THROWS_AS(write_atomically(path,
                                   [](const ByteSink& sink) {
                                     sink(std::as_bytes(std::span("half")));
                                     throw std::out_of_range("the writer's own");
                                   }),
                  std::out_of_range);
  CHECK(bytes_of_file(path) == "old");
  CHECK(names_in(folder.path()) == std::set<std::string>{"f"});
}

TEST_CASE("a temporary file left by a killed process is neither used nor in the way") {
  const TempDir folder;
  const std::string left = fmt::format(".f.{}.tmp", ::getpid());
  folder.write(left, "litter");
  write_atomically(folder.file("f"), "new");
  CHECK(bytes_of_file(folder.file("f")) == "new");
  CHECK(bytes_of_file(folder.file(left)) == "litter");
}

TEST_CASE("the old file is kept under another name, once the new one is there") {
  const TempDir folder;
  const std::string path = folder.file("last"), old = folder.file("previous");
  write_atomically(path, "first", {.keep_old_as = old});
  CHECK(names_in(folder.path()) == std::set<std::string>{"last"});
  write_atomically(path, "second", {.keep_old_as = old});
  write_atomically(path, "third", {.keep_old_as = old});
  CHECK(bytes_of_file(path) == "third");
  CHECK(bytes_of_file(old) == "second");
  CHECK(names_in(folder.path()) == std::set<std::string>{"last", "previous"});
}

TEST_CASE("the file before the old one goes only when the new one is verified") {
  using Call = FaultyCalls::Call;
  const TempDir folder;
  const std::string path = folder.file("last"), old = folder.file("previous");
  for (const Call call : {Call::open, Call::write, Call::sync, Call::close, Call::read}) {
    folder.write("last", "second");
    folder.write("previous", "first");
    FaultyCalls calls;
    calls.call = call;
    CHECK_THROWS_AS(write_atomically(path, "third", {.keep_old_as = old, .calls = &calls}),
                    inkling::DataError);
    CHECK(bytes_of_file(path) == "second");
    CHECK(bytes_of_file(old) == "first");
  }
  // The second renaming fails: the first is undone.
  FaultyCalls calls;
  calls.call = Call::rename;
  calls.skip = 1;
  calls.most = 1;
  CHECK_THROWS_AS(write_atomically(path, "third", {.keep_old_as = old, .calls = &calls}),
                  inkling::DataError);
  CHECK(bytes_of_file(path) == "second");
  CHECK(names_in(folder.path()) == std::set<std::string>{"last"});
}

TEST_CASE("where the old file cannot be renamed it is replaced") {
  const TempDir folder;
  const std::string path = folder.write("last", "second"), old = folder.write("previous", "first");
  FaultyCalls calls;
  calls.call = FaultyCalls::Call::rename;
  calls.error = EXDEV;
  calls.most = 1;
  write_atomically(path, "third", {.keep_old_as = old, .calls = &calls});
  CHECK(bytes_of_file(path) == "third");
  CHECK(bytes_of_file(old) == "first");
}

TEST_CASE("symbolic links stay where an old file is kept, too") {
  const TempDir folder;
  folder.write("disk/last", "old");
  fs::create_symlink("disk/last", folder.file("last"));
  fs::create_symlink("disk/previous", folder.file("previous"));
  write_atomically(folder.file("last"), "new", {.keep_old_as = folder.file("previous")});
  CHECK(fs::is_symlink(folder.file("last")));
  CHECK(fs::is_symlink(folder.file("previous")));
  CHECK(bytes_of_file(folder.file("disk/last")) == "new");
  CHECK(bytes_of_file(folder.file("disk/previous")) == "old");
  CHECK(names_in(folder.file("disk")) == std::set<std::string>{"last", "previous"});

  CHECK(inkling::remove_file(folder.file("previous")));
  CHECK(inkling::remove_file(folder.file("previous")));
  CHECK(fs::is_symlink(folder.file("previous")));
  CHECK(names_in(folder.file("disk")) == std::set<std::string>{"last"});
  CHECK_FALSE(inkling::remove_file(folder.path()));
}

TEST_CASE("what killed processes have left of writing a file is removed, and nothing else") {
  const TempDir folder;
  const std::set<std::string> kept{
      ".f.tmp",     ".f.x.tmp", ".f.12.bak", ".fg.12.tmp",
      ".f.12x.tmp", "f",        "f.12.tmp",  ".f.2.4711.tmp",
  };
  for (const std::string& name : kept) folder.write(name, "kept");
  for (const char* name : {".f.1.tmp", ".f.12345.tmp", ".f.12345.7.tmp"})
    folder.write(name, "litter");
  inkling::remove_stale_temporaries(folder.file("f"));
  CHECK(names_in(folder.path()) == kept);
  inkling::remove_stale_temporaries(folder.file("no/such/folder/f"));
}
