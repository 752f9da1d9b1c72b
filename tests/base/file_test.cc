#include "base/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "support/allocations.h"
#include "support/failing_allocation.h"
#include "support/faulty_calls.h"
#include "support/refusal.h"
#include "support/temp_dir.h"

namespace fs = std::filesystem;
using inkling::FileCalls;
using inkling::read_file;
using inkling::testing::allocations;
using inkling::testing::FailingAllocation;
using inkling::testing::FaultyCalls;
using inkling::testing::refusal;
using inkling::testing::says;
using inkling::testing::TempDir;

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

TEST_CASE("a file for which memory runs out while it is read is refused by name") {
  if (allocations().all == 0) return;  // under the address sanitizer
  const TempDir folder;
  const std::string path = folder.write("f", std::string(3000001, 'x'));
  FaultyCalls calls;
  int64_t n = 0;
  for (bool failed = true; failed;) {
    ++n;
    std::string message;
    {
      const FailingAllocation failure(n, false);
      message = refusal([&] { read_file(path, calls); });
      failed = failure.has_failed();
    }
    CHECK(message == (failed ? path + ": too large for this machine's memory" : ""));
    CHECK(calls.open_files == 0);
  }
  CHECK(n > 2);
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
  const auto unopened = [&](int error) {
    calls.error = error;
    return reading("secret", calls);
  };
  CHECK(says(unopened(EACCES), "secret: cannot read it: Permission denied; check its permissions"));
  CHECK(says(unopened(EMFILE), "Too many open files; close other programs or raise the limit"));
  CHECK(says(unopened(ENFILE), "open files in system; close other programs or raise the limit"));
  CHECK(unopened(ELOOP) == "secret: cannot read it: Too many levels of symbolic links");
  calls.call = FaultyCalls::Call::read;
  calls.error = EIO;
  CHECK(says(reading(folder.write("f", "x"), calls),
             "f: cannot read it: Input/output error; the disk"));
  CHECK(calls.open_files == 0);
}
