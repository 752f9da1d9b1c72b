#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>

#include "cli/program.h"
#include "support/allocations.h"
#include "support/tiny_model.h"

using namespace inkling::testing;

namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Ending {
  int status = 0;
  bool failed = false;  // an allocation did
  std::string words;    // on standard error
};

// Runs a command in a process of its own, in which the n-th allocation fails.
Ending run_with_failure(const std::vector<std::string>& arguments, int64_t n, bool for_good,
                        const std::string& words) {
  constexpr int failed_but_finished = 77;
  const pid_t child = fork();
  if (child == 0) {
    const int out = open("/dev/null", O_WRONLY),
              err = open(words.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    std::set_terminate(inkling::cli::end_with_last_words);
    const FailingAllocation failure(n, for_good);
    const int code = inkling::cli::exit_code_of(arguments);
    _exit(code == 0 && failure.has_failed() ? failed_but_finished : code);
  }
  Ending ending;
  waitpid(child, &ending.status, 0);
  ending.failed = ending.status != 0;
  if (WIFEXITED(ending.status) && WEXITSTATUS(ending.status) == failed_but_finished)
    ending.status = 0;
  ending.words = bytes_of_file(words);
  return ending;
}

}  // namespace

TEST_CASE("whichever allocation fails, a command ends with a sentence and leaves whole files") {
  if (allocations().all == 0) return;  // under the address sanitizer
  const TempDir dir, elsewhere;
  const std::string corpus = dir.write("corpus.txt", tiny_text().substr(0, 400)),
                    model = dir.file("m.safetensors"), log = dir.file("m.jsonl");
  const std::vector<std::string> training =
      tiny_training(corpus, model,
                    {"--steps", "4", "--eval-every", "2", "-q", "--log", log, "--threads", "2",
                     "--force", "--batch-size", "8", "--sample-every", "1"});
  const std::vector<std::string> commands[] = {
      training,
      {"train", corpus, "-o", model, "--resume", "--steps", "6", "-q", "--log", log},
      {"evaluate", "-m", model, corpus, "-q", "--window", "16"},
      {"generate", "-m", model, "-n", "20", "-p", "The", "-q"},
  };
  REQUIRE(run_inkling({.arguments = training}).exit_code == 0);
  const bool thorough = std::getenv("INKLING_EVERY_ALLOCATION") != nullptr;
  for (const std::vector<std::string>& command : commands) {
    CAPTURE(command[0]);
    for (const bool for_good : {false, true}) {
      int64_t n = 1;
      for (bool failed = true; failed; n += thorough ? 1 : 1 + n / 5) {
        CAPTURE(n);
        CAPTURE(for_good);
        const Ending ending = run_with_failure(command, n, for_good, elsewhere.file("words"));
        failed = ending.failed;
        CAPTURE(ending.words);
        REQUIRE(WIFEXITED(ending.status));
        CHECK(WEXITSTATUS(ending.status) <= 1);
        if (WEXITSTATUS(ending.status) == 1) CHECK(has(ending.words, "inkling: "));
      }
      CHECK(n > 100);
    }
  }
  // What is there is whole, and the next run clears the rest away.
  CHECK(run_inkling({.arguments = {"info", model}}).exit_code == 0);
  const ProgramResult resumed = run_inkling(
      {.arguments = {"train", corpus, "-o", model, "--resume", "--steps", "8", "--log", log}});
  CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
  for (const auto& entry : fs::directory_iterator(dir.path())) {
    const std::string name = entry.path().filename().string();
    CHECK_MESSAGE((!has(name, ".tmp") && !has(name, ".lock")), name);
  }
}

TEST_CASE("with less address space than it needs the program says so and does not crash") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  int sentences = 0;
  for (const int megabytes : {120, 160, 200, 240, 280, 320, 400, 500, 700}) {
    CAPTURE(megabytes);
    std::vector<std::string> arguments =
        tiny_training("corpus.txt", "m.safetensors",
                      {"--steps", "1", "--force", "--hidden-size", "700", "--bptt", "64"});
    arguments.insert(
        arguments.begin(),
        {"-c", "ulimit -v " + std::to_string(megabytes * 1024) + "; exec \"$0\" \"$@\"",
         INKLING_BINARY});
    const ProgramResult result =
        run_inkling({.arguments = arguments, .folder = dir.path(), .program = "/bin/sh"});
    CAPTURE(result.err);
    CHECK(result.signal == 0);
    if (result.exit_code == 127) continue;  // not even its libraries could be loaded
    CHECK((result.exit_code == 0 || result.exit_code == 1));
    if (result.exit_code == 0) continue;
    ++sentences;
    CHECK(has(result.err, "inkling: "));
    CHECK((has(result.err, "memory") || has(result.err, "threads")));
  }
  CHECK(sentences > 0);
}

TEST_CASE("the memory that is planned for is what training takes") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text() + tiny_text() + tiny_text());
  struct Row {
    std::vector<std::string> more;
  };
  for (const auto& [more] : {Row{{"--hidden-size", "800", "--batch-size", "32", "--bptt", "16"}},
                             Row{{"--hidden-size", "600", "--num-layers", "2", "--batch-size", "64",
                                  "--optimizer", "sgd"}},
                             Row{{"--shape", "many-to-one", "--context", "32", "--hidden-size",
                                  "400", "--batch-size", "256"}}}) {
    std::vector<std::string> line =
        tiny_training("corpus.txt", "m.safetensors", {"--steps", "1", "--force"});
    line.insert(line.end(), more.begin(), more.end());
    const ProgramResult small = run_inkling(
        {.arguments = tiny_training("corpus.txt", "s.safetensors", {"--steps", "1", "--force"}),
         .folder = dir.path()});
    const ProgramResult result = run_inkling({.arguments = line, .folder = dir.path()});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    const size_t at = result.err.find(" of memory, of ");
    REQUIRE(at != std::string::npos);
    const size_t begin = result.err.rfind(' ', result.err.rfind(' ', at - 1) - 1) + 1;
    CAPTURE(result.err.substr(begin, at - begin));
    const double planned = std::strtod(result.err.c_str() + begin, nullptr);
    const double taken = static_cast<double>(result.peak_kilobytes - small.peak_kilobytes) / 1024;
    CAPTURE(taken);
    CHECK(result.err.substr(at - 4, 4) == " MiB");
    CHECK(taken < planned * 1.05 + 10);
    CHECK(taken > planned * 0.5);
  }
}
