#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <set>

#include "cli/program.h"
#include "support/allocations.h"
#include "support/failing_allocation.h"
#include "support/names_in.h"
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

// Runs commands in processes of their own.
class Runner {
 public:
  explicit Runner(const std::string& input = "") { dir_.write("input", input); }

  // One in which the n-th allocation fails.
  Ending run_with_failure(const std::vector<std::string>& arguments, int64_t n,
                          bool for_good) const {
    constexpr int failed_but_finished = 77;
    Ending ending;
    ending.status = in_child([&] {
      const FailingAllocation failure(n, for_good);
      const int code = inkling::cli::exit_code_of(arguments);
      return code == 0 && failure.has_failed() ? failed_but_finished : code;
    });
    ending.failed = ending.status != 0;
    if (WIFEXITED(ending.status) && WEXITSTATUS(ending.status) == failed_but_finished)
      ending.status = 0;
    ending.words = bytes_of_file(dir_.file("words"));
    return ending;
  }

  // The first allocation from every place that allocates, or all.
  std::vector<int64_t> allocations_of(const std::vector<std::string>& arguments, bool all) const {
    const int status = in_child([&] {
      const AllocationPlaces places;
      const int code = inkling::cli::exit_code_of(arguments);
      std::ofstream to(dir_.file("places"));
      for (const int64_t n : places.first_visits()) to << n << ' ';
      to << places.count();
      return code;
    });
    REQUIRE_MESSAGE(status == 0, bytes_of_file(dir_.file("words")));
    std::ifstream from(dir_.file("places"));
    std::vector<int64_t> found{std::istream_iterator<int64_t>(from), {}};
    const int64_t count = found.back();
    if (!all) return found;
    found.resize(static_cast<size_t>(count));
    std::iota(found.begin(), found.end(), 1);
    return found;
  }

 private:
  template <class Work>
  int in_child(const Work& work) const {
    const pid_t child = fork();
    if (child == 0) {
      dup2(open(dir_.file("input").c_str(), O_RDONLY), STDIN_FILENO);
      dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
      dup2(open(dir_.file("words").c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
      std::set_terminate(inkling::cli::end_with_last_words);
      alarm(60);
      _exit(work());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }

  TempDir dir_;
};

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Whole: exit code 1 has one sentence, 0 is for what could go on without.
void check_ending(const Ending& ending) {
  CAPTURE(ending.words);
  REQUIRE(WIFEXITED(ending.status));
  CHECK(WEXITSTATUS(ending.status) <= 1);
  if (WEXITSTATUS(ending.status) == 1) CHECK(count_of(ending.words, "inkling: ") == 1);
}

const bool every_allocation = std::getenv("INKLING_EVERY_ALLOCATION") != nullptr;

// At every `stride`-th place that allocates, an allocation fails, alone or with all that come after
// it.
void fail_everywhere(const Runner& runner, const std::vector<std::string>& command,
                     size_t stride = 1) {
  CAPTURE(command[0]);
  const std::vector<int64_t> allocations = runner.allocations_of(command, every_allocation);
  CHECK(allocations.size() > 100);
  for (size_t i = 0; i < allocations.size(); i += every_allocation ? 1 : stride) {
    for (const bool for_good : {false, true}) {
      if (!every_allocation && for_good != (i / stride % 2 == 1)) continue;
      CAPTURE(allocations[i]);
      CAPTURE(for_good);
      check_ending(runner.run_with_failure(command, allocations[i], for_good));
    }
  }
}

// Trains one step, at ever higher limits. How often it was refused, in a sentence each time.
int refusals_with_few_addresses(const std::vector<std::string>& network) {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  int sentences = 0;
  for (int megabytes = 120; megabytes <= 600; megabytes += 30) {
    CAPTURE(megabytes);
    std::vector<std::string> arguments =
        tiny_training("corpus.txt", "m.safetensors", {"--steps", "1", "--force", "--bptt", "64"});
    arguments.insert(arguments.end(), network.begin(), network.end());
    arguments.insert(arguments.begin(),
                     {"-c", "ulimit -v " + std::to_string(megabytes * 1024) + R"(; exec "$0" "$@")",
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
    // Where the program itself can start, the plan is what is refused, before anything is written.
    if (megabytes < 200) continue;
    CHECK(has(result.err, "inkling: training needs "));
    CHECK(has(result.err, " MB are free; lower --hidden-size, --batch-size or --bptt"));
    CHECK(names_in(dir.path()) == std::set<std::string>{"corpus.txt"});
  }
  return sentences;
}

}  // namespace

TEST_CASE(
    "whichever allocation fails in training, it ends with a sentence and leaves whole files") {
  if (allocations().all == 0) return;  // under the address sanitizer
  const TempDir dir;
  const Runner runner;
  const std::string corpus = dir.write("corpus.txt", tiny_text().substr(0, 400)),
                    model = dir.file("m.safetensors"), log = dir.file("m.jsonl");
  const std::vector<std::string> training = tiny_training(
      corpus, model,
      {"--steps", "2", "--eval-every", "1", "-q", "--log", log, "--threads", "1", "--force",
       "--batch-size", "4", "--hidden-size", "8", "--bptt", "8", "--sample-every", "1"});
  REQUIRE(run_inkling({.arguments = training}).exit_code == 0);
  fail_everywhere(runner, training, 2);
  fail_everywhere(
      runner, {"train", corpus, "-o", model, "--resume", "--steps", "4", "-q", "--log", log}, 4);
  // In several threads no two runs allocate in the same order.
  std::vector<std::string> threads = training;
  threads.insert(threads.end(), {"--threads", "2"});
  int64_t n = 1;
  for (bool failed = true; failed; n += 1 + n / 2) {
    CAPTURE(n);
    const Ending ending = runner.run_with_failure(threads, n, n % 2 == 0);
    failed = ending.failed;
    check_ending(ending);
  }
  CHECK(n > 100);
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

TEST_CASE("whichever allocation fails in using a model, the command ends with a sentence") {
  if (allocations().all == 0) return;  // under the address sanitizer
  const TempDir dir;
  const Runner runner("The \n/quit\n");
  const std::string corpus = dir.write("corpus.txt", tiny_text().substr(0, 200)),
                    model = dir.file("m.safetensors");
  REQUIRE(run_inkling({.arguments = tiny_training(corpus, model, {"--steps", "2"})}).exit_code ==
          0);
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"evaluate", "-m", model, corpus, "-q", "--window", "16"},
           {"evaluate", "-m", model, corpus, "-q", "--completion", "--keystrokes", "5"},
           {"generate", "-m", model, "-n", "20", "-p", "The", "-q"},
           {"complete", "-m", model, "The ca"},
           {"trace", "-m", model, "The ca"},
           {"info", model},
           {"prompt", "-m", model, "-q"},
       }) {
    std::vector<std::string> line = command;
    if (command[0] != "info") line.insert(line.end(), {"--threads", "1"});
    fail_everywhere(runner, line);
  }
}

TEST_CASE("where memory runs out a sentence says so, if need be the last words") {
  if (allocations().all == 0) return;  // under the address sanitizer
  int sentences = 0;
  for (int n = 1, code = 1; code != 0; ++n) {
    for (const char* more : {"", "+"}) {
      CAPTURE(n);
      CAPTURE(more);
      const ProgramResult result =
          run_inkling({.arguments = {"--version"},
                       .environment = {{"INKLING_FAIL_ALLOCATION", std::to_string(n) + more}},
                       .program = INKLING_FAILING_BINARY});
      code = result.exit_code;
      if (code == 0 || code == 77) continue;
      ++sentences;
      CHECK(code == 1);
      CHECK(result.err.starts_with("inkling: out of memory; try a smaller model or text"));
      CHECK(result.err.find('\n') == result.err.size() - 1);
    }
  }
  CHECK(sentences > 2);
}

TEST_CASE("with less address space than it needs the program says so and does not crash") {
  if (allocations().all == 0) return;  // the address sanitizer takes its own
  CHECK(refusals_with_few_addresses({"--hidden-size", "700"}) > 0);
  CHECK(refusals_with_few_addresses({"--cell", "lstm", "--num-layers", "2", "--hidden-size", "384",
                                     "--batch-size", "32", "--threads", "2", "--precision",
                                     "auto"}) > 0);
}

TEST_CASE("the memory that is planned for is what training takes") {
  if (allocations().all == 0) return;  // the address sanitizer takes its own
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
    std::vector<std::string> options{"--steps", "1", "--force"};
    options.insert(options.end(), more.begin(), more.end());
    const std::vector<std::string> line = tiny_training("corpus.txt", "m.safetensors", options);
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
