#include <doctest/doctest.h>
#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "support/tiny_model.h"

using namespace inkling::testing;

namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Its words, each a space from the next, wherever its lines were broken.
std::string in_one_line(const std::string& text) {
  std::istringstream stream(text);
  std::string line;
  for (std::string word; stream >> word;) line += word + " ";
  return line;
}

// Long enough to be interrupted, short enough to wait for.
const std::vector<std::string> run_length{"--steps", "20000",      "--eval-every",
                                          "1000",    "--patience", "0"};

std::vector<int64_t> logged_steps(const std::string& path) {
  std::vector<int64_t> steps;
  std::istringstream stream(bytes_of_file(path));
  for (std::string line; std::getline(stream, line);)
    steps.push_back(nlohmann::json::parse(line).at("step").get<int64_t>());
  return steps;
}

std::vector<std::string> with(std::vector<std::string> line, const std::vector<std::string>& more) {
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

}  // namespace

TEST_CASE("a run stopped by Ctrl-C and resumed gives the same model as the unbroken one") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  const ProgramResult unbroken = run_inkling(
      {.arguments = tiny_training(corpus, "whole.safetensors", run_length), .folder = dir.path()});
  REQUIRE_MESSAGE(unbroken.exit_code == 0, unbroken.err);

  const std::vector<std::string> line =
      tiny_training(corpus, "part.safetensors", with(run_length, {"--log", "part.jsonl"}));
  Program first({.arguments = line, .folder = dir.path()});
  REQUIRE(first.wait_for("step 1000 "));
  first.send(SIGINT);
  const ProgramResult stopped = first.finish();
  CAPTURE(stopped.err);
  CHECK(stopped.signal == SIGINT);
  CHECK(has(stopped.err, "everything is saved in part.last.safetensors"));
  CHECK(has(stopped.err, "--resume"));
  REQUIRE(fs::exists(dir.file("part.last.safetensors")));

  // Only what differs from the record has to be given, and the record holds everything but the
  // corpus.
  const ProgramResult resumed = run_inkling(
      {.arguments = {"train", corpus, "-o", "part.safetensors", "--resume", "--log", "part.jsonl"},
       .folder = dir.path()});
  REQUIRE_MESSAGE(resumed.exit_code == 0, resumed.err);
  CHECK(has(resumed.err, "going on from step "));
  CHECK(bytes_of_file(dir.file("part.safetensors")) ==
        bytes_of_file(dir.file("whole.safetensors")));

  std::vector<int64_t> expected;
  for (int64_t step = 1000; step <= 20000; step += 1000) expected.push_back(step);
  CHECK(logged_steps(dir.file("part.jsonl")) == expected);
}

TEST_CASE("SIGTERM and SIGHUP save too, and end the process by that signal") {
  for (const int signal : {SIGTERM, SIGHUP}) {
    const TempDir dir;
    const std::string corpus = dir.write("corpus.txt", tiny_text());
    Program program({.arguments = tiny_training(corpus, "m.safetensors",
                                                {"--steps", "1000000", "--eval-every", "100"}),
                     .folder = dir.path()});
    REQUIRE(program.wait_for("step 100 "));
    program.send(signal);
    const ProgramResult result = program.finish();
    CHECK(result.signal == signal);
    CHECK(fs::exists(dir.file("m.last.safetensors")));
  }
}

TEST_CASE("under nohup a hang-up does not stop the training") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  Program program({.arguments = tiny_training(corpus, "m.safetensors",
                                              {"--steps", "600", "--eval-every", "100"}),
                   .folder = dir.path(),
                   .ignore_hangup = true});
  REQUIRE(program.wait_for("step 100 "));
  program.send(SIGHUP);
  const ProgramResult result = program.finish();
  CHECK(result.exit_code == 0);
  CHECK(has(result.err, "step 600 "));
}

TEST_CASE("--resume refuses by name what must not change, and takes a new length") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  REQUIRE(run_inkling({.arguments = tiny_training(corpus, "m.safetensors", {"--steps", "20"}),
                       .folder = dir.path()})
              .exit_code == 0);
  const std::vector<std::string> resume{"train", corpus, "-o", "m.safetensors", "--resume"};
  for (const auto& [option, value] :
       std::vector<std::pair<std::string, std::string>>{{"--hidden-size", "32"},
                                                        {"--cell", "lstm"},
                                                        {"--seed", "9"},
                                                        {"--bptt", "8"},
                                                        {"--shape", "many-to-one"},
                                                        {"--learning-rate", "1"}}) {
    const ProgramResult result =
        run_inkling({.arguments = with(resume, {option, value}), .folder = dir.path()});
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(has(result.err, fmt::format("{} {} cannot change on --resume", option, value)));
  }
  const ProgramResult turned_on =
      run_inkling({.arguments = with(resume, {"--layer-norm"}), .folder = dir.path()});
  CHECK(turned_on.exit_code == 2);
  CHECK(has(turned_on.err, "--layer-norm true cannot change on --resume, where it was false"));
  for (const std::vector<std::string>& length :
       std::vector<std::vector<std::string>>{{}, {"--steps", "10"}}) {
    const ProgramResult ended =
        run_inkling({.arguments = with(resume, length), .folder = dir.path()});
    CHECK(ended.exit_code == 0);
    CHECK_MESSAGE(has(ended.err, "the run has ended already, with step 20 after "), ended.err);
  }
  const ProgramResult longer = run_inkling(
      {.arguments = with(resume, {"--steps", "40", "--hidden-size", "16"}), .folder = dir.path()});
  CHECK_MESSAGE(longer.exit_code == 0, longer.err);
  CHECK(has(longer.err, "step 40 "));
  CHECK_FALSE(has(longer.err, "ended already"));
}

TEST_CASE("--resume refuses another corpus, says what changed, and takes the same one by any way") {
  const TempDir dir;
  const std::string text = tiny_text();
  dir.write("corpus.txt", text);
  REQUIRE(run_inkling({.arguments = tiny_training("-", "m.safetensors", {"--steps", "20"}),
                       .input = text,
                       .folder = dir.path()})
              .exit_code == 0);
  const auto resume = [&](const std::string& corpus, const std::string& input) {
    return run_inkling(
        {.arguments = {"train", corpus, "-o", "m.safetensors", "--resume", "--steps", "30"},
         .input = input,
         .folder = dir.path()});
  };
  struct Row {
    std::string text;
    const char* sentence;
  };
  std::string swapped = text;
  std::swap(swapped[0], swapped[1]);
  for (const Row& row : {Row{"", "standard input is empty"},
                         Row{text + "!", "it has 3817 characters, then it had 3816;"},
                         Row{"!" + text, "then it had 3816, 1 character is new (\"!\");"},
                         Row{text.substr(0, 60), R"(8 characters are gone ("b", "d")"},
                         Row{swapped, "of its 3816 characters some differ;"}}) {
    const auto& [other, sentence] = row;
    CAPTURE(std::string(row.sentence));
    const ProgramResult result = resume("-", other);
    CAPTURE(result.err);
    CHECK(result.exit_code == 1);
    CHECK(has(result.err, sentence));
    if (other.empty()) continue;
    CHECK(has(result.err, "that is resumed: "));
    CHECK(has(result.err,
              "give the same text (a text from standard input has to be piped again), "
              "or begin a new run with --init-from"));
    CHECK(result.err.find('\n') == result.err.size() - 1);
  }
  const ProgramResult piped = resume("-", text);
  CHECK_MESSAGE(piped.exit_code == 0, piped.err);
  const ProgramResult named = resume("corpus.txt", "");
  CHECK_MESSAGE(named.exit_code == 0, named.err);
}

TEST_CASE("a checkpoint of another instruction set is gone on with, and a word about the bits") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  REQUIRE(run_inkling({.arguments = tiny_training("corpus.txt", "m.safetensors", {"--steps", "20"}),
                       .folder = dir.path()})
              .exit_code == 0);
  const std::vector<std::string> resume{"train",    "corpus.txt", "-o", "m.safetensors",
                                        "--resume", "--steps",    "30"};
  const ProgramResult other = run_inkling({.arguments = resume,
                                           .environment = {{"INKLING_MAX_ISA", "baseline"}},
                                           .folder = dir.path()});
  CHECK_MESSAGE(other.exit_code == 0, other.err);
  CHECK_MESSAGE(has(in_one_line(other.err), "and this is baseline"), other.err);
  CHECK(has(in_one_line(other.err), "may differ"));
  const ProgramResult same = run_inkling({.arguments = with(resume, {"--steps", "40"}),
                                          .environment = {{"INKLING_MAX_ISA", "baseline"}},
                                          .folder = dir.path()});
  CHECK_MESSAGE(same.exit_code == 0, same.err);
  CHECK_FALSE(has(in_one_line(same.err), "may differ"));
}

TEST_CASE("a run measured in time is stopped, gone on with, and repeated exactly") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  Program first({.arguments = tiny_training("corpus.txt", "m.safetensors",
                                            {"--time", "0.6s", "--eval-every", "50"}),
                 .folder = dir.path()});
  REQUIRE(first.wait_for("step 50 "));
  first.send(SIGINT);
  REQUIRE(first.finish().signal == SIGINT);
  const ProgramResult resumed =
      run_inkling({.arguments = {"train", "corpus.txt", "-o", "m.safetensors", "--resume"},
                   .folder = dir.path()});
  REQUIRE_MESSAGE(resumed.exit_code == 0, resumed.err);

  const std::vector<std::string> replay{"train",    "corpus.txt",        "-o", "again.safetensors",
                                        "--replay", "m.last.safetensors"};
  const ProgramResult again = run_inkling({.arguments = replay, .folder = dir.path()});
  CHECK_MESSAGE(again.exit_code == 0, again.err);
  CHECK(has(again.err, "the weights are those of the run that was repeated, bit for bit"));
  CHECK(bytes_of_file(dir.file("again.safetensors")) == bytes_of_file(dir.file("m.safetensors")));

  struct Row {
    std::vector<std::string> more;
    int exit_code;
    const char* sentence;
  };
  for (const auto& [more, exit_code, sentence] :
       {Row{{}, 1, "again.safetensors exists already"},
        Row{{"--resume"}, 2, "--resume and --replay exclude each other"},
        Row{{"--force", "--time", "9s"},
            2,
            "--time 9s cannot change on --replay, where it was 0.6s"},
        Row{{"--force", "--steps", "9"}, 2, "--steps 9 cannot change on --replay, where it was 0"},
        Row{{"--force", "--cell", "rnn"}, 2, "--cell rnn cannot change on --replay"}}) {
    const ProgramResult refused =
        run_inkling({.arguments = with(replay, more), .folder = dir.path()});
    CHECK(refused.exit_code == exit_code);
    CHECK_MESSAGE(has(refused.err, sentence), refused.err);
  }
}

TEST_CASE("--resume falls back to the checkpoint before a damaged one, and says so") {
  const TempDir dir;
  const std::string corpus = dir.write("corpus.txt", tiny_text());
  REQUIRE(run_inkling({.arguments = tiny_training(corpus, "m.safetensors",
                                                  {"--steps", "40", "--eval-every", "10"}),
                       .folder = dir.path()})
              .exit_code == 0);
  REQUIRE(fs::exists(dir.file("m.previous.safetensors")));
  const std::string best = bytes_of_file(dir.file("m.safetensors"));
  const std::string last = bytes_of_file(dir.file("m.last.safetensors"));
  dir.write("m.last.safetensors", last.substr(0, last.size() / 2));
  const std::vector<std::string> resume{"train", corpus, "-o", "m.safetensors", "--resume"};
  const ProgramResult result = run_inkling({.arguments = resume, .folder = dir.path()});
  CHECK_MESSAGE(result.exit_code == 0, result.err);
  CHECK(has(result.err, "going on from the checkpoint before it, m.previous.safetensors"));
  CHECK(bytes_of_file(dir.file("m.safetensors")) == best);

  const std::string previous = bytes_of_file(dir.file("m.previous.safetensors"));
  dir.write("m.last.safetensors", "no checkpoint");
  dir.write("m.previous.safetensors", previous.substr(0, previous.size() - 1));
  const ProgramResult both = run_inkling({.arguments = resume, .folder = dir.path()});
  CHECK(both.exit_code == 1);
  CHECK(has(both.err, "cannot resume: m.last.safetensors: "));
  CHECK(has(both.err, "nor from the checkpoint before it: m.previous.safetensors: "));

  fs::remove(dir.file("m.last.safetensors"));
  fs::remove(dir.file("m.previous.safetensors"));
  const ProgramResult nothing = run_inkling({.arguments = resume, .folder = dir.path()});
  CHECK(nothing.exit_code == 1);
  CHECK(has(nothing.err, "cannot resume: there is no m.last.safetensors"));
}
