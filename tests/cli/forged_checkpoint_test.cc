#include <doctest/doctest.h>

#include <filesystem>

#include "model/model_file.h"
#include "support/tiny_model.h"

using namespace inkling;
using namespace inkling::testing;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A short run, whose record somebody then changes: whole files with sums that hold, whose options
// cannot be.
class ForgedRun {
 public:
  ForgedRun() {
    dir_.write("corpus.txt", tiny_text());
    const ProgramResult result =
        run_inkling({.arguments = tiny_training("corpus.txt", "m.safetensors", {"--steps", "2"}),
                     .folder = dir_.path()});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    std::filesystem::remove(dir_.file("m.previous.safetensors"));
    last_ = model::load_model_file(dir_.file("m.last.safetensors"), true);
  }

  ProgramResult run(const std::string& option, const std::string& value,
                    const std::vector<std::string>& arguments) const {
    model::ModelFile forged = last_;
    forged.model.history.options[option] = value;
    model::save_model(dir_.file("m.last.safetensors"), forged);
    return run_inkling({.arguments = arguments, .folder = dir_.path()});
  }

  // The checkpoint as an inkling wrote it that did not have this option yet.
  ProgramResult run_before(const std::string& option,
                           const std::vector<std::string>& arguments) const {
    model::ModelFile older = last_;
    REQUIRE(older.model.history.options.erase(option) == 1);
    model::save_model(dir_.file("m.last.safetensors"), older);
    return run_inkling({.arguments = arguments, .folder = dir_.path()});
  }

  // The checkpoint without one of its tensors.
  ProgramResult run_without(const std::string& tensor, const ProgramCall& call) const {
    model::ModelFile forged = last_;
    std::erase_if(forged.extra, [&](const model::ExtraTensor& t) { return t.name == tensor; });
    model::save_model(dir_.file("m.last.safetensors"), forged);
    ProgramCall here = call;
    here.folder = dir_.path();
    return run_inkling(here);
  }

 private:
  TempDir dir_;
  model::ModelFile last_;
};

}  // namespace

TEST_CASE("a checkpoint whose recorded options cannot be is refused by its name, exit code 1") {
  const ForgedRun forged;
  const std::vector<std::string> resume{"train",    "corpus.txt", "-o", "m.safetensors",
                                        "--resume", "--steps",    "4"},
      replay{"train", "corpus.txt", "--replay", "m.last.safetensors", "-o", "n.safetensors"};
  for (const auto& row : std::vector<std::pair<std::string, std::string>>{
           {"hidden-size", "0"},
           {"hidden-size", "many"},
           {"hidden-size", "99999999999999999999"},
           {"hidden-size", "16384"},  // possible, but not of these weights
           {"hidden-size", "012"},
           {"num-layers", "3"},
           {"cell", "transformer"},
           {"activation", "relu"},
           {"split", "1/2/3"},
           {"split", "90"},
           {"dropout", "nan"},
           {"dropout", "-1"},
           {"layer-norm", "perhaps"},
           {"time", "5 minutes"},
           {"epochs", "3"},  // beside --steps
           {"encoding", "klingon"},
           {"seed", ""},
       }) {
    for (const std::vector<std::string>& command : {resume, replay}) {
      CAPTURE(row.first);
      CAPTURE(row.second);
      const ProgramResult result = forged.run(row.first, row.second, command);
      CAPTURE(result.err);
      CHECK(result.exit_code == 1);
      CHECK(has(result.err, "inkling: m.last.safetensors: "));
      CHECK(!has(result.err, "--help"));
    }
  }
  CHECK(forged.run("sampling", "not an option of ours", resume).exit_code == 0);
  const ProgramResult older = forged.run_before("stacks", resume);
  CHECK_MESSAGE(older.exit_code == 0, older.err);
}

TEST_CASE("a model that records an impossible split is the file's fault, unless --split is given") {
  const ForgedRun forged;
  const std::vector<std::string> evaluate{"evaluate",   "-m",     "m.last.safetensors",
                                          "corpus.txt", "--part", "validation"};
  const ProgramResult refused = forged.run("split", "50/50", evaluate);
  CHECK(refused.exit_code == 1);
  CHECK(has(refused.err, "records"));
  std::vector<std::string> given = evaluate;
  given.insert(given.end(), {"--split", "50/50/0"});
  CHECK(forged.run("split", "50/50", given).exit_code == 0);
}

TEST_CASE("what was said before a failure is kept, and a full disk does not hide the failure") {
  const ForgedRun forged;
  const std::vector<std::string> line{"train",    "corpus.txt", "-o",      "m.safetensors",
                                      "--resume", "--dry-run",  "--steps", "4"};
  for (const char* output : {"", "/dev/full"}) {
    const ProgramResult result =
        forged.run_without("state.hidden", {.arguments = line, .output = output});
    CHECK(result.exit_code == 1);
    CHECK_MESSAGE(has(result.err, "inkling: m.last.safetensors: it lacks the tensor"), result.err);
    CHECK(has(result.out, "1 layer of 16") == std::string(output).empty());
  }
}
