#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

#include "support/tiny_model.h"

using namespace inkling::testing;

namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  names.erase("corpus.txt");
  return names;
}

// A run that spends nearly all its time in one thing.
struct Phase {
  const char* what;
  std::vector<std::string> options;
};

const Phase phases[] = {
    {"steps", {"--eval-every", "1000000"}},
    {"saving", {"--eval-every", "1000000", "--save-every", "1"}},
    {"evaluating",
     {"--eval-every", "1", "--save-every", "1000000", "--split", "5/95/0", "--sample-every", "-1"}},
    {"sampling",
     {"--eval-every", "1", "--save-every", "1000000", "--split", "99/1/0", "--sample-every", "1",
      "--hidden-size", "128"}},
};

class PhasedRun {
 public:
  explicit PhasedRun(const Phase& phase) : program_(call_of(phase, dir_)) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    // The first checkpoint: from now on the run is what the phase says.
    while (!fs::exists(dir_.file("m.last.safetensors")) &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    static int moment = 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + 7 * (moment++ % 8)));
  }

  Program& program() { return program_; }

  // What is there can be gone on with, and then nothing is there beside it.
  void check_resumes() {
    const ProgramResult resumed = run_inkling(
        {.arguments = {"train", "corpus.txt", "-o", "m.safetensors", "--resume", "--steps", "1"},
         .folder = dir_.path()});
    CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
    for (const std::string& name : names_in(dir_.path())) {
      CHECK_MESSAGE((name == "m.safetensors" || name == "m.last.safetensors" ||
                     name == "m.previous.safetensors"),
                    name);
    }
  }

 private:
  static ProgramCall call_of(const Phase& phase, const TempDir& dir) {
    dir.write("corpus.txt", tiny_text());
    std::vector<std::string> line =
        tiny_training("corpus.txt", "m.safetensors", {"--steps", "100000000"});
    line.insert(line.end(), phase.options.begin(), phase.options.end());
    return {.arguments = line, .folder = dir.path()};
  }

  TempDir dir_;
  Program program_;
};

}  // namespace

TEST_CASE("in every phase a signal saves and ends the process as that signal does") {
  for (const Phase& phase : phases) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      CAPTURE(std::string(phase.what));
      CAPTURE(signal);
      PhasedRun run(phase);
      run.program().send(signal);
      const ProgramResult result = run.program().finish();
      CHECK(result.signal == signal);
      CHECK_MESSAGE(has(result.err, "everything is saved in m.last.safetensors"), result.err);
      run.check_resumes();
    }
  }
}

TEST_CASE("a signal in the last evaluation is not forgotten") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  Program program({.arguments = tiny_training(
                       "corpus.txt", "m.safetensors",
                       {"--steps", "1", "--eval-every", "1", "--shape", "many-to-one", "--context",
                        "64", "--hidden-size", "256", "--split", "5/95/0", "--log", "/dev/full"}),
                   .folder = dir.path()});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!fs::exists(dir.file("m.last.safetensors")) &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  program.send(SIGTERM);
  const ProgramResult result = program.finish();
  // Or the log, which cannot be written, is said to be short of lines.
  CHECK((result.signal == SIGTERM || has(result.err, "its last lines are missing")));
}

TEST_CASE("who is stopped is told of a log that lacks lines") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  Program program({.arguments = tiny_training(
                       corpus, "m.safetensors",
                       {"--steps", "100000000", "--eval-every", "1", "--log", "/dev/full"}),
                   .folder = dir.path()});
  program.wait_for("training goes on, and it is tried again");
  program.send(SIGINT);
  const ProgramResult result = program.finish();
  CHECK(result.signal == SIGINT);
  CHECK(has(result.err, "its last lines are missing"));
}

TEST_CASE("in every phase a second Ctrl-C ends the process at once, and a whole checkpoint stays") {
  for (const Phase& phase : phases) {
    CAPTURE(std::string(phase.what));
    PhasedRun run(phase);
    // Stopped, so that both arrive together.
    run.program().send(SIGSTOP);
    REQUIRE(run.program().wait_for_stop());
    run.program().send(SIGINT);
    run.program().send(SIGCONT);
    run.program().send(SIGINT);
    const ProgramResult result = run.program().finish();
    CHECK(result.signal == SIGINT);
    run.check_resumes();
  }
}

TEST_CASE("in every phase SIGUSR1 saves, and training goes on") {
  for (const Phase& phase : phases) {
    CAPTURE(std::string(phase.what));
    PhasedRun run(phase);
    run.program().send(SIGUSR1);
    CHECK(run.program().wait_for("saved in m.last.safetensors, as asked for"));
    run.program().send(SIGTERM);
    CHECK(run.program().finish().signal == SIGTERM);
    run.check_resumes();
  }
}

TEST_CASE("in every phase Ctrl-Z holds the process, and it goes on when it may") {
  for (const Phase& phase : phases) {
    CAPTURE(std::string(phase.what));
    PhasedRun run(phase);
    run.program().send(SIGTSTP);
    CHECK(run.program().wait_for_stop());
    run.program().send(SIGCONT);
    run.program().send(SIGUSR1);
    CHECK(run.program().wait_for("as asked for"));
    run.program().send(SIGTERM);
    CHECK(run.program().finish().signal == SIGTERM);
    run.check_resumes();
  }
}

TEST_CASE("while the corpus is read a signal ends the process, and nothing is left of it") {
  const TempDir dir;
  REQUIRE(mkfifo(dir.file("pipe").c_str(), 0600) == 0);
  const int writer = open(dir.file("pipe").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(writer >= 0);
  const std::set<std::string> nothing{"pipe"}, locked{"pipe", ".m.lock"};
  const auto wait_until_locked = [&] {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (names_in(dir.path()) != locked && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  };
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    Program program({.arguments = tiny_training("pipe", "m.safetensors"), .folder = dir.path()});
    wait_until_locked();
    program.send(signal);
    CHECK(program.finish().signal == signal);
    CHECK(names_in(dir.path()) == nothing);
  }
  // Asked to save, and held, while it reads: it reads on, and saves when there is something to
  // save.
  Program program({.arguments = tiny_training("pipe", "m.safetensors", {"--steps", "5"}),
                   .folder = dir.path()});
  wait_until_locked();
  program.send(SIGUSR1);
  program.send(SIGTSTP);
  CHECK(program.wait_for_stop());
  program.send(SIGCONT);
  const std::string text = tiny_text();
  REQUIRE(write(writer, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  close(writer);
  const ProgramResult result = program.finish();
  CHECK_MESSAGE(result.exit_code == 0, result.err);
  CHECK(has(result.err, "step 1: saved in m.last.safetensors, as asked for"));
}

TEST_CASE("signals that come all the time do not disturb the steps") {
  // Batches and sizes for which the library's products take memory beside the stack.
  const TempDir dir;
  dir.write("corpus.txt", tiny_text() + tiny_text());
  Program program({.arguments = {"train", "corpus.txt", "-o", "m.safetensors", "--threads", "1",
                                 "--precision", "f32", "--hidden-size", "128", "--steps", "150",
                                 "--eval-every", "1000", "--save-every", "1000"},
                   .folder = dir.path()});
  REQUIRE(program.wait_for("150 steps"));
  for (int i = 0; i < 400; ++i) {
    program.send(SIGUSR1);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const ProgramResult result = program.finish();
  CHECK(result.signal == 0);
  CHECK_MESSAGE(result.exit_code == 0, result.err);
}

TEST_CASE("a second Ctrl-C does not wait for the end of the step") {
  const Phase long_steps{"long steps", {"--hidden-size", "512", "--bptt", "1000"}};
  PhasedRun run(long_steps);
  run.program().send(SIGINT);
  const auto is_pending = [&] {
    const std::string status =
        bytes_of_file("/proc/" + std::to_string(run.program().pid()) + "/status");
    return !has(status, "ShdPnd:\t0000000000000000");
  };
  while (is_pending()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  run.program().send(SIGINT);
  const ProgramResult result = run.program().finish();
  CHECK(result.signal == SIGINT);
  CHECK_FALSE(has(result.err, "everything is saved"));
  run.check_resumes();
}
