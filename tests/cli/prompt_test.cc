#include <doctest/doctest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "support/tiny_model.h"

using namespace inkling::testing;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("prompt works from a pipe: each line is a prompt, and the text goes on") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult result =
      tiny.run("prompt", {"--seed", "1", "-n", "20"}, "The cat\nThe dog\n/show\n");
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  CHECK(result.out.starts_with("The cat"));
  CHECK(has(result.out, "\nThe dog"));
  CHECK_FALSE(has(result.out, "> "));
  // /show repeats the whole of it.
  const std::string shown = result.out.substr(0, result.out.size() / 2);
  CHECK(result.out == shown + shown);
  CHECK(tiny.run("prompt", {"--seed", "1", "-n", "20"}, "The cat").out ==
        tiny.run("generate", {"--seed", "1", "-n", "20", "-p", "The cat"}).out);
}

TEST_CASE("settings change live, and wrong ones are said without an end") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult result = tiny.run("prompt", {"--seed", "1"},
                                        "/temp 0\n/length 10\nThe cat\n/clear\nThe cat\n/temp "
                                        "hot\n/tmep 1\n/top-p 3\n/help\n/quit\nnever read\n");
  CHECK(result.exit_code == 0);
  const std::string half = result.out.substr(0, result.out.size() / 2);
  CHECK(result.out == half + half);  // greedy: the same text again
  CHECK(half.size() <= 7 + 10 + 1);
  for (const char* part : {"'hot' is no number", "there is no /tmep; did you mean 'temp'?",
                           "--top-p: 3 is out of range", "/temp 0", "/regen", "/n 10"}) {
    CHECK_MESSAGE(has(result.err, part), part);
  }
  CHECK_FALSE(has(result.out, "never read"));
}

TEST_CASE("/seed repeats a text, /regen writes another in its place") {
  const TinyModel& tiny = TinyModel::get();
  const std::string twice =
      tiny.run("prompt", {"-n", "40"}, "/seed 5\nThe\n/clear\n/seed 5\nThe\n").out;
  CHECK(twice.substr(0, twice.size() / 2) == twice.substr(twice.size() / 2));
  const std::string again =
      tiny.run("prompt", {"-n", "40", "--seed", "5", "--temp", "1.5"}, "The\n/regen\n/show\n").out;
  CHECK(again.starts_with("The"));
  CHECK(again.rfind("The") != 0);
}

TEST_CASE("--learn learns what is typed, on a copy, and /save-model keeps it") {
  const TinyModel& tiny = TinyModel::get();
  const std::string before = bytes_of_file(tiny.path());
  const TempDir dir;
  std::string typed, lines;
  for (int i = 0; i < 30; ++i) typed += "The new cat is here again.\n";
  for (int i = 0; i < 30; ++i) lines += "The new cat is here again.\n";
  const std::string file = dir.write("typed.txt", typed), saved = dir.file("mine.safetensors");
  lines += "/save-model\n/save-model " + saved + "\n/save-model " + saved + "\n";
  const std::vector<std::string> arguments{"--learn", "--seed",       "1",    "-n",
                                           "4",       "--adapt-rate", "0.003"};
  const ProgramResult result = tiny.run("prompt", arguments, lines);
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  CHECK(has(result.err, "/save-model needs the name of a new file"));
  CHECK(has(result.err, "saved as " + saved));
  CHECK(has(result.err, saved + " exists already"));
  CHECK(bytes_of_file(tiny.path()) == before);
  const auto loss_of = [&](const std::string& model) {
    const ProgramResult score =
        run_inkling({.arguments = {"evaluate", "-m", model, file, "--json"}});
    REQUIRE_MESSAGE(score.exit_code == 0, score.err);
    return nlohmann::json::parse(score.out).at("loss").get<double>();
  };
  CHECK(loss_of(saved) < 0.8 * loss_of(tiny.path()));
  const ProgramResult info = run_inkling({.arguments = {"info", saved}});
  CHECK(has(info.out, "adapted at the prompt"));

  const ProgramResult still = tiny.run("prompt", {"-n", "4", "--seed", "1"},
                                       "The cat\n/save-model " + dir.file("no.safetensors") + "\n");
  CHECK(has(still.err, "start the prompt with --learn"));
  CHECK(still.exit_code == 0);
}

TEST_CASE("text may begin with a slash, and broken bytes do no harm") {
  const ProgramResult result =
      TinyModel::get().run("prompt", {"--seed", "1", "-n", "5"}, "//path\n\xff\xfe\r\n\n");
  CHECK(result.exit_code == 0);
  CHECK(result.out.starts_with("/path"));
  CHECK(has(result.out, "\uFFFD"));
}

TEST_CASE("Ctrl-C stops the text and not the program, Ctrl-D leaves") {
  const TinyModel& tiny = TinyModel::get();
  Program program({.arguments = {"prompt", "-m", tiny.path(), "--seed", "1", "-n", "1000000000"},
                   .terminal_columns = 80});
  REQUIRE(program.wait_for("> "));
  program.type("\x03");
  REQUIRE(program.wait_for("Ctrl-D or /quit leaves."));
  program.type("The cat\n");
  REQUIRE(program.wait_for("\033[1mThe cat\033[0m"));
  REQUIRE(program.wait_for("\n"));
  program.type("\x03");
  program.type("/length 5\n/help\n");
  REQUIRE(program.wait_for("/n 5"));
  program.type("\x04");
  const ProgramResult result = program.finish();
  CHECK(result.exit_code == 0);
}
