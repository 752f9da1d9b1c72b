#include "base/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/error.h"
#include "support/refusal.h"
#include "support/temp_dir.h"

namespace fs = std::filesystem;
using inkling::ByteSink;
using inkling::FileCalls;
using inkling::read_file;
using inkling::write_atomically;
using inkling::testing::bytes_of_file;
using inkling::testing::refusal;
using inkling::testing::says;
using inkling::testing::TempDir;

namespace {

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

// A disk on which one call goes wrong.
struct FaultyCalls : FileCalls {
  enum class Call { none, open, write, sync, close, rename, read } call = Call::none;
  int error = EIO;
  int skip = 0;        // so many calls of that kind succeed first
  int most = 1000000;  // and so many fail
  bool in_small_steps = false;
  bool corrupt = false;   // what is read is not what was written
  int interruptions = 0;  // so many EINTR from each of the calls that repeat
  int open_files = 0;

  bool fails(Call which) {
    if (call != which || skip-- > 0 || most-- <= 0) return false;
    errno = error;
    return true;
  }
  bool interrupted() {
    if (interruptions <= 0) return false;
    --interruptions;
    errno = EINTR;
    return true;
  }
  int open(const char* path, int flags, mode_t mode) override {
    if (fails(Call::open)) return -1;
    const int number = FileCalls::open(path, flags, mode);
    open_files += number >= 0;
    return number;
  }
  ssize_t read(int number, void* bytes, size_t size) override {
    if (interrupted() || fails(Call::read)) return -1;
    const ssize_t got =
        FileCalls::read(number, bytes, in_small_steps ? std::min<size_t>(size, 3) : size);
    if (corrupt && got > 0) *static_cast<char*>(bytes) ^= 1;
    return got;
  }
  ssize_t write(int number, const void* bytes, size_t size) override {
    if (interrupted() || fails(Call::write)) return -1;
    return FileCalls::write(number, bytes, in_small_steps ? std::min<size_t>(size, 3) : size);
  }
  int sync(int number) override {
    if (interrupted() || fails(Call::sync)) return -1;
    return FileCalls::sync(number);
  }
  int close(int number) override {
    --open_files;
    const int result = FileCalls::close(number);
    return fails(Call::close) ? -1 : result;
  }
  int rename(const char* from, const char* to) override {
    return fails(Call::rename) ? -1 : FileCalls::rename(from, to);
  }
};

}  // namespace

TEST_CASE("files, pipes and files of unknown size are read whole") {
  const TempDir folder;
  for (const size_t size : {0U, 1U, 1000U, 1048576U, 3000001U}) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 >> 3);
    CHECK(read_file(folder.write("f", bytes)) == bytes);
  }
  CHECK(read_file("/proc/self/stat").size() > 10);

  const std::string pipe = folder.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::thread writer([&] { folder.write("pipe", std::string(200000, 'p')); });
  CHECK(read_file(pipe) == std::string(200000, 'p'));
  writer.join();
}

TEST_CASE("reading goes on after short reads and interruptions") {
  const TempDir folder;
  FaultyCalls calls;
  calls.in_small_steps = true;
  calls.interruptions = 5;
  CHECK(read_file(folder.write("f", "some words to read"), calls) == "some words to read");
  CHECK(calls.open_files == 0);
}

TEST_CASE("a file that grows or shrinks while it is read ends where its end is met") {
  struct Changing : FileCalls {
    ssize_t read(int number, void* bytes, size_t size) override {
      const ssize_t got = FileCalls::read(number, bytes, std::min<size_t>(size, 400000));
      if (reads++ == 1) fs::resize_file(path, new_size);
      return got;
    }
    std::string path;
    size_t new_size = 0;
    int reads = 0;
  };
  const TempDir folder;
  for (const size_t new_size : {0U, 500000U, 900000U, 1500000U, 5000000U}) {
    Changing calls;
    calls.path = folder.write("f", std::string(1000000, 'a'));
    calls.new_size = new_size;
    const std::string bytes = read_file(calls.path, calls);
    CHECK(bytes.size() == std::max<size_t>(new_size, 800000));
    CHECK(bytes.substr(0, 800000) == std::string(800000, 'a'));
  }
}

TEST_CASE("a device without an end is refused, one with an end is read") {
  CHECK(says(refusal([] { read_file("/dev/zero"); }),
             "/dev/zero: it goes on after 256 MB; if it has no end, pipe a part of it"));
  CHECK(read_file("/dev/null").empty());
}

TEST_CASE("a file larger than memory is refused before it is read") {
  const TempDir folder;
  const std::string path = folder.write("sparse", "");
  fs::resize_file(path, uintmax_t{1} << 43);
  const std::string message = refusal([&] { read_file(path); });
  CHECK(says(message, "sparse: reading it needs 8388608 MB of memory, and "));
  CHECK(says(message, "give a shorter text"));
}

TEST_CASE("what cannot be read is named, with the reason") {
  const TempDir folder;
  const auto reading = [](const std::string& path, FileCalls& calls = inkling::system_calls()) {
    return refusal([&] { read_file(path, calls); });
  };
  CHECK(reading(folder.file("none")) == folder.file("none") + ": no such file; check the path");
  CHECK(reading(folder.path()) == folder.path() + ": is a folder, not a file");
  FaultyCalls calls;
  calls.call = FaultyCalls::Call::open;
  calls.error = EACCES;
  CHECK(says(reading("secret", calls),
             "secret: cannot read it: Permission denied; check its permissions"));
  calls.call = FaultyCalls::Call::read;
  calls.error = EIO;
  CHECK(says(reading(folder.write("f", "x"), calls),
             "f: cannot read it: Input/output error; the disk"));
  CHECK(calls.open_files == 0);
}

TEST_CASE("a write makes or replaces the file and leaves nothing else") {
  const TempDir folder;
  const std::string path = folder.file("model");
  for (const std::string bytes : {"first", "the second, longer", "", "4"}) {
    write_atomically(path, bytes);
    CHECK(bytes_of_file(path) == bytes);
    CHECK(names_in(folder.path()) == std::vector<std::string>{"model"});
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
  CHECK(names_in(folder.file("real")) == std::vector<std::string>{"file", "new"});

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
  CHECK(says(writing(folder.path() + "/"), "it names a folder"));
  CHECK(says(writing("/dev/full"), "/dev/full: cannot write it: it is not a regular file"));
  CHECK(says(writing("/proc/inkling-cannot-be-here"),
             "/proc/inkling-cannot-be-here: cannot write it: "));
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  if (::geteuid() != 0)
    CHECK(says(writing(file), "Permission denied; check the permissions of the folder"));
  fs::permissions(folder.path(), fs::perms::owner_all);
  CHECK(bytes_of_file(file) == "kept");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"file"});
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
    CHECK(names_in(folder.path()) == std::vector<std::string>{"f"});
    CHECK(calls.open_files == 0);
  }
  FaultyCalls calls;
  calls.corrupt = true;
  CHECK(says(refusal([&] { write_atomically(path, "the new bytes", {.calls = &calls}); }),
             "reads back differently"));
  CHECK(bytes_of_file(path) == "old");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"f"});
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
  CHECK(names_in(folder.path()) == std::vector<std::string>{"f"});
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
  CHECK(names_in(folder.path()) == std::vector<std::string>{"last"});
  write_atomically(path, "second", {.keep_old_as = old});
  write_atomically(path, "third", {.keep_old_as = old});
  CHECK(bytes_of_file(path) == "third");
  CHECK(bytes_of_file(old) == "second");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"last", "previous"});
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
  CHECK(names_in(folder.path()) == std::vector<std::string>{"last"});
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
  CHECK(names_in(folder.file("disk")) == std::vector<std::string>{"last", "previous"});

  CHECK(inkling::remove_file(folder.file("previous")));
  CHECK(inkling::remove_file(folder.file("previous")));
  CHECK(fs::is_symlink(folder.file("previous")));
  CHECK(names_in(folder.file("disk")) == std::vector<std::string>{"last"});
  CHECK_FALSE(inkling::remove_file(folder.path()));
}

TEST_CASE("what killed processes have left of writing a file is removed, and nothing else") {
  const TempDir folder;
  const std::vector<std::string> kept{
      ".f.tmp", ".f.x.tmp", ".f.12.bak", ".fg.12.tmp", ".f.12x.tmp", "f", "f.12.tmp",
  };
  for (const std::string& name : kept) folder.write(name, "kept");
  for (const char* name : {".f.1.tmp", ".f.12345.tmp", ".f.12345.7.tmp"})
    folder.write(name, "litter");
  inkling::remove_stale_temporaries(folder.file("f"));
  std::vector<std::string> expected = kept;
  std::sort(expected.begin(), expected.end());
  CHECK(names_in(folder.path()) == expected);
  inkling::remove_stale_temporaries(folder.file("no/such/folder/f"));
}
