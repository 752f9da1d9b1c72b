#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/program.h"
#include "support/refusal.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

using namespace inkling::testing;

namespace {

ProgramResult train(const TempDir& dir, const std::vector<std::string>& more) {
  std::vector<std::string> line{"train", "corpus.txt", "-o", "m.safetensors", "--threads", "1"};
  line.insert(line.end(), more.begin(), more.end());
  return run_inkling({.arguments = line, .folder = dir.path()});
}

std::string recorded_command(const TempDir& dir) {
  const ProgramResult info =
      run_inkling({.arguments = {"info", "--json", "m.safetensors"}, .folder = dir.path()});
  return nlohmann::json::parse(info.out).at("command").get<std::string>();
}

}  // namespace

TEST_CASE("a run measured in time says what it chose and why, any other chooses nothing") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  for (const std::vector<std::string>& line : {std::vector<std::string>{"--dry-run"},
                                               {"--dry-run", "--time", "3m"},
                                               {"--dry-run", "--time", "3m", "--seed", "7"}}) {
    const ProgramResult shown = train(dir, line);
    REQUIRE_MESSAGE(shown.exit_code == 0, shown.err);
    CHECK(says(shown.out, "chosen"));
    CHECK(says(shown.out, "times"));
    CHECK(says(shown.out, "dropout 0."));
  }
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"--dry-run", "--recipe", "off"},
        {"--dry-run", "--steps", "10"},
        {"--dry-run", "--epochs", "1"}}) {
    const ProgramResult shown = train(dir, line);
    REQUIRE_MESSAGE(shown.exit_code == 0, shown.err);
    CHECK_FALSE(says(shown.out, "batch 16"));
    CHECK_FALSE(says(shown.out, "times"));
    CHECK(says(shown.out, "2 layers of 256"));
  }
  const ProgramResult sized =
      train(dir, {"--dry-run", "--time", "3m", "--hidden-size", "33", "--dropout", "0.25"});
  CHECK(says(sized.out, "2 layers of 33 units, as asked for"));
  CHECK(says(sized.out, "dropout 0.25, as asked for"));
  const std::vector<std::string> windows{"--dry-run", "--time", "3m", "--shape", "many-to-one"};
  const ProgramResult predicting_one = train(dir, windows);
  CHECK(says(predicting_one.out, " units, windows of 16: "));
  CHECK(says(predicting_one.out, "1 layer of "));
  std::vector<std::string> longer = windows;
  longer.insert(longer.end(), {"--context", "40"});
  CHECK(says(train(dir, longer).out, " units, windows of 40: "));
}

TEST_CASE("what was chosen is recorded as if given by hand, resumed, and begun from") {
  const TempDir dir;
  dir.write("corpus.txt", tiny_text());
  const ProgramResult first =
      train(dir, {"--time", "0.2s", "--num-layers", "1", "--hidden-size", "20"});
  REQUIRE_MESSAGE(first.exit_code == 0, first.err);
  CHECK(says(first.err, "chosen"));
  const std::string command = recorded_command(dir);
  CHECK(says(command, "--recipe off"));
  CHECK(says(command, "--hidden-size 20"));
  // On a slow machine the recipe may choose the usual dropout, of which the record says nothing.
  const bool usual = says(first.err, ", dropout 0.1;");
  CHECK(says(command, "--dropout") != usual);

  const ProgramResult resumed =
      train(dir, {"--resume", "--time", "0.4s", "--recipe", "auto"});  // chooses no more
  REQUIRE_MESSAGE(resumed.exit_code == 0, resumed.err);
  CHECK_FALSE(says(resumed.err, "chosen"));
  CHECK(says(resumed.err, "going on from step"));

  const ProgramResult begun =
      run_inkling({.arguments = {"train", "corpus.txt", "-o", "n.safetensors", "--threads", "1",
                                 "--time", "0.2s", "--init-from", "m.safetensors"},
                   .folder = dir.path()});
  REQUIRE_MESSAGE(begun.exit_code == 0, begun.err);
  CHECK(says(begun.err, "1 layer of 20"));
  CHECK(says(begun.err, "learning rate 0.015 "));  // as where it begins anew
}
