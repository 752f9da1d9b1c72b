#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "support/names_in.h"
#include "support/tiny_model.h"

using namespace inkling::testing;

namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// inkling under a shell's `preparation`, in which "$0" and "$@" stand for it and its arguments.
ProgramCall prepared(const std::string& preparation, std::vector<std::string> arguments,
                     const TempDir& dir) {
  arguments.insert(arguments.begin(), {"-c", preparation, INKLING_BINARY});
  return {.arguments = arguments, .folder = dir.path(), .program = "/bin/sh"};
}

// A shell script as root of a namespace of its own, which may mount.
ProgramCall as_root(const std::string& script, std::vector<std::string> arguments,
                    const TempDir& dir) {
  arguments.insert(arguments.begin(), {"-rm", "/bin/sh", "-c", script, INKLING_BINARY});
  return {.arguments = arguments, .folder = dir.path(), .program = "/usr/bin/unshare"};
}

bool can_mount() {
  const TempDir dir;
  const ProgramResult result =
      run_inkling(as_root("mount -t tmpfs none . && echo mounted", {}, dir));
  if (result.out == "mounted\n") return true;
  MESSAGE("no file system can be mounted here: ", result.err);
  return false;
}

const std::vector<std::string> some_steps{"--steps", "40", "--eval-every", "10"};

}  // namespace

TEST_CASE("a file that may not grow large enough is refused with a sentence, and leaves nothing") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  const ProgramResult result = run_inkling(prepared(
      "ulimit -f 16; exec \"$0\" \"$@\"", tiny_training("corpus.txt", "m.safetensors"), dir));
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "m.last.safetensors: cannot write it: File too large"));
  CHECK(names_in(dir.path()) == std::set<std::string>{"corpus.txt"});
}

TEST_CASE("on a file system that is full training goes on, and is resumed when there is room") {
  if (!can_mount()) return;
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  REQUIRE(run_inkling({.arguments = tiny_training("corpus.txt", "whole.safetensors", some_steps),
                       .folder = dir.path()})
              .exit_code == 0);
  const auto size = fs::file_size(dir.file("whole.last.safetensors"));
  // Room for one checkpoint and the best model, not for two checkpoints.
  const std::string room = std::to_string(size + size / 2 + 8192);
  fs::create_directory(dir.file("small"));
  const ProgramResult result =
      run_inkling(as_root("mount -t tmpfs -o size=" + room +
                              " none small || exit 9\n"
                              "\"$0\" \"$@\"; echo \"exit $?\"; ls -A small\n"
                              "mount -o remount,size=1m small || exit 8\n"
                              "\"$0\" train corpus.txt -o small/m.safetensors --resume || exit 7\n"
                              "cmp small/m.safetensors whole.safetensors && echo same; ls -A small",
                          tiny_training("corpus.txt", "small/m.safetensors", some_steps), dir));
  CAPTURE(result.err);
  CHECK(result.exit_code == 0);
  CHECK(has(result.err, "No space left on device; free some space there or choose another place"));
  CHECK(has(result.err, "; training goes on"));
  CHECK(has(result.err, "step 40 "));
  CHECK(has(result.err, "the last save failed"));
  CHECK(result.out ==
        "exit 1\nm.last.safetensors\nm.safetensors\n"
        "same\nm.last.safetensors\nm.previous.safetensors\nm.safetensors\n");
}

TEST_CASE("a folder that cannot be written to is refused before anything is done") {
  if (!can_mount()) return;
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  fs::create_directory(dir.file("fixed"));
  for (const char* more : {" --force", " --resume"}) {
    const ProgramResult result =
        run_inkling(as_root("mount -t tmpfs none fixed && \"$0\" train corpus.txt -q --steps 3 "
                            "-o fixed/m.safetensors && mount -o remount,ro fixed || exit 9\n"
                            "\"$0\" train corpus.txt -o fixed/n.safetensors" +
                                std::string(more),
                            {}, dir));
    CHECK(result.exit_code == 1);
    CHECK(has(result.err, "cannot write into the folder fixed: Read-only file system"));
    CHECK(result.err.find('\n') == result.err.size() - 1);
  }
}

TEST_CASE("outputs that are symbolic links stay links, and the files they name are replaced") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  dir.write("disk/best", "old");
  for (const auto& [link, file] : {std::pair{"m.safetensors", "disk/best"},
                                   {"m.last.safetensors", "disk/last"},
                                   {"m.previous.safetensors", "disk/previous"}}) {
    fs::create_symlink(file, dir.file(link));
  }
  const ProgramResult refused =
      run_inkling({.arguments = tiny_training("corpus.txt", "m.safetensors", some_steps),
                   .folder = dir.path()});
  CHECK(refused.exit_code == 1);
  CHECK(has(refused.err, "m.safetensors exists already"));
  CHECK(bytes_of_file(dir.file("disk/best")) == "old");

  std::vector<std::string> line = tiny_training("corpus.txt", "m.safetensors", some_steps);
  line.push_back("--force");
  const ProgramResult result = run_inkling({.arguments = line, .folder = dir.path()});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  CHECK(fs::is_symlink(dir.file("m.safetensors")));
  CHECK(fs::is_symlink(dir.file("m.last.safetensors")));
  CHECK(names_in(dir.file("disk")) == std::set<std::string>{"best", "last", "previous"});
  CHECK(bytes_of_file(dir.file("disk/best")).size() > 1000);
  for (const char* model : {"disk/best", "disk/last", "disk/previous"}) {
    CHECK(run_inkling({.arguments = {"info", dir.file(model)}}).exit_code == 0);
  }
}

TEST_CASE("two trainers do not write one output, and the lock of a killed one is no hindrance") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  Program first({.arguments = tiny_training("corpus.txt", "m.safetensors",
                                            {"--steps", "100000000", "--eval-every", "100"}),
                 .folder = dir.path()});
  REQUIRE(first.wait_for("step 100 "));
  const std::string holder = "(process " + std::to_string(first.pid()) + ")";
  for (const char* how : {"--resume", "--force"}) {
    const ProgramResult second = run_inkling(
        {.arguments = {"train", "corpus.txt", "-o", "m.safetensors", how}, .folder = dir.path()});
    CHECK(second.exit_code == 1);
    CHECK_MESSAGE(has(second.err,
                      "another inkling is training m.safetensors; wait for it, or give "
                      "another --output " +
                          holder),
                  second.err);
  }
  // The same file by another name is the same file.
  fs::create_directory(dir.file("folder"));
  fs::create_symlink("../m.safetensors", dir.file("folder/link.safetensors"));
  const ProgramResult linked =
      run_inkling({.arguments = {"train", "corpus.txt", "-o", "folder/link.safetensors", "--force"},
                   .folder = dir.path()});
  CHECK(linked.exit_code == 1);
  CHECK_MESSAGE(has(linked.err, "another inkling is training folder/link.safetensors"), linked.err);
  const ProgramResult elsewhere =
      run_inkling({.arguments = tiny_training("corpus.txt", "n.safetensors", {"--steps", "2"}),
                   .folder = dir.path()});
  CHECK_MESSAGE(elsewhere.exit_code == 0, elsewhere.err);
  first.send(SIGKILL);
  first.finish();
  CHECK(fs::exists(dir.file(".m.lock")));
  const ProgramResult third = run_inkling(
      {.arguments = {"train", "corpus.txt", "-o", "m.safetensors", "--resume", "--steps", "1"},
       .folder = dir.path()});
  CHECK_MESSAGE(third.exit_code == 0, third.err);
  CHECK_FALSE(fs::exists(dir.file(".m.lock")));
}

TEST_CASE("what a killed run left half written is gone after the next one") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  for (const char* litter : {".m.safetensors.99.tmp", ".m.last.safetensors.99.3.tmp", ".m.lock"})
    dir.write(litter, "half");
  dir.write(".n.safetensors.99.tmp", "another's");
  const ProgramResult result =
      run_inkling({.arguments = tiny_training("corpus.txt", "m.safetensors", {"--steps", "2"}),
                   .folder = dir.path()});
  CHECK_MESSAGE(result.exit_code == 0, result.err);
  CHECK(names_in(dir.path()) ==
        std::set<std::string>{"corpus.txt", "m.safetensors", "m.last.safetensors",
                              "m.previous.safetensors", ".n.safetensors.99.tmp"});
}
