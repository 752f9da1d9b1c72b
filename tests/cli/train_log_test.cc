// inkling train --log, where it lies and what may befall it.
#include "cli/train_log.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>

#include "support/tiny_model.h"

using namespace inkling;
using namespace inkling::testing;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a log among the texts is no text") {
  const TempDir dir;
  dir.write("texts/book.txt", tiny_text());
  const auto train = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--log", "texts/log.jsonl"});
    return run_inkling(
        {.arguments = tiny_training("texts", "texts/m.safetensors", more), .folder = dir.path()});
  };
  REQUIRE(train({"--steps", "2"}).exit_code == 0);
  const ProgramResult resumed = train({"--steps", "4", "--resume"});
  CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
  CHECK(train({"--steps", "2", "--force"}).exit_code == 0);
  // Nor one to validate on.
  dir.write("book.txt", tiny_text());
  for (const char* way : {"--force", "--resume"}) {
    const ProgramResult validated =
        run_inkling({.arguments = tiny_training("book.txt", "m.safetensors",
                                                {"--validation", "texts", "--log",
                                                 "texts/log.jsonl", "--steps", "2", way}),
                     .folder = dir.path()});
    CHECK_MESSAGE(validated.exit_code == 0, validated.err);
  }
}

TEST_CASE("lines of a log that cannot be written are tried again, and missed at the end") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const ProgramResult result = run_inkling(
      {.arguments = tiny_training(corpus, "m.safetensors",
                                  {"--steps", "6", "--eval-every", "2", "--log", "/dev/full"}),
       .folder = dir.path()});
  CHECK_MESSAGE(result.exit_code == 1, result.err);
  const std::string sentence =
      "/dev/full: cannot write the log: No space left on device; training goes on";
  CHECK_MESSAGE(has(result.err, sentence), result.err);
  CHECK(result.err.find(sentence) == result.err.rfind(sentence));
  CHECK(has(result.err, "step 6 "));
  CHECK(has(result.err, "No space left on device; its last lines are missing"));
  CHECK(result.err.find("the model is ") != std::string::npos);
}

TEST_CASE("a log that was full for a while is whole in the end") {
  const TempDir dir;
  const std::string path = dir.write("log", "");
  cli::TrainLog log(path, std::nullopt);
  train::Progress progress;
  const auto limit_size = [](rlim_t bytes) {
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  };
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  progress.step = 1;
  log.add(progress);
  const size_t line = bytes_of_file(path).size();
  limit_size(line + line / 2);
  progress.step = 2;
  log.add(progress);
  CHECK(has(log.problem(), "cannot write the log: File too large"));
  CHECK(bytes_of_file(path).size() == line);
  limit_size(RLIM_INFINITY);
  progress.step = 3;
  log.add(progress);
  std::signal(SIGXFSZ, ignored);
  CHECK(log.problem().empty());
  CHECK(bytes_of_file(path).size() == 3 * line);
}
