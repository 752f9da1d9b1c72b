#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/program.h"
#include "support/temp_dir.h"

using namespace inkling::testing;

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const fs::path source_folder = INKLING_SOURCE_FOLDER;

ProgramCall python_call(const std::string& python, Words arguments) {
  ProgramCall call{.arguments = std::move(arguments)};
  call.environment["PYTHONDONTWRITEBYTECODE"] = "1";
  if (const char* home = std::getenv("HOME")) call.environment["HOME"] = home;
  call.program = python;
  if (python != "/usr/bin/env") return call;
  call.arguments.insert(call.arguments.begin(), "python3");
  return call;
}

// The program that runs a Python which has PyTorch; "" = none.
std::string python_with_torch() {
  const std::string asks =
      "import importlib.util as u, sys; "
      "sys.exit(u.find_spec('torch') is None or u.find_spec('numpy') is None)";
  for (const std::string python : {"/usr/bin/python3", "/usr/bin/env"}) {
    if (!fs::exists(python)) continue;
    if (run_inkling(python_call(python, {"-c", asks})).exit_code == 0) return python;
  }
  return "";
}

// The lines of a text up to about that many bytes.
std::string beginning(const fs::path& path, size_t bytes) {
  const std::string text = bytes_of_file(path.string());
  return text.substr(0, text.rfind('\n', bytes) + 1);
}

struct Case {
  std::string name;
  std::string text;  // below corpora/
  Words options;
  bool plain = true;
};

const std::vector<Case> cases{
    {"rnn", "english/tales-1.txt", {"--cell", "rnn", "--num-layers", "2"}},
    {"rnn-relu", "english/tales-1.txt", {"--cell", "rnn", "--activation", "relu"}},
    {"lstm", "english/tales-1.txt", {"--cell", "lstm", "--num-layers", "2"}},
    {"gru", "english/tales-1.txt", {"--cell", "gru", "--num-layers", "3"}},
    {"embedding", "english/tales-1.txt", {"--cell", "lstm", "--embedding-size", "7"}},
    {"sgd",
     "english/tales-1.txt",
     {"--cell", "gru", "--optimizer", "sgd", "--weight-decay", "0.1"}},
    {"rnn-norm", "english/tales-1.txt", {"--cell", "rnn", "--layer-norm"}, false},
    {"lstm-norm", "english/tales-1.txt", {"--cell", "lstm", "--layer-norm"}, false},
    {"gru-norm", "english/tales-1.txt", {"--cell", "gru", "--layer-norm"}, false},
    {"learned", "english/verse.txt", {"--initial-state", "learned", "--documents", "line"}, false},
    {"all-options",
     "english/verse.txt",
     {"--cell", "lstm", "--num-layers", "2", "--embedding-size", "5", "--layer-norm",
      "--initial-state", "learned", "--documents", "line"},
     false},
    {"lines", "english/verse.txt", {"--cell", "lstm", "--documents", "line"}},
    {"verses", "english/verse.txt", {"--cell", "rnn", "--documents", "blank-line"}},
    {"many-to-one",
     "english/tales-1.txt",
     {"--cell", "gru", "--shape", "many-to-one", "--context", "9"}},
    {"many-to-one-learned",
     "english/tales-1.txt",
     {"--cell", "lstm", "--shape", "many-to-one", "--context", "9", "--initial-state", "learned"},
     false},
    {"stacks",
     "english/tales-1.txt",
     {"--cell", "lstm", "--num-layers", "2", "--stacks", "3"},
     false},
    {"codepoint", "scripts/greek.txt", {"--cell", "gru", "--unit", "codepoint"}},
    {"byte", "scripts/devanagari.txt", {"--cell", "lstm", "--unit", "byte"}},
    {"grapheme", "scripts/devanagari.txt", {"--cell", "gru"}},
};

Words training_of(const Case& c, const std::string& model) {
  Words line{"train",
             (source_folder / "corpora" / c.text).string(),
             "-o",
             model,
             "--cell",
             "gru",
             "--num-layers",
             "1",
             "--hidden-size",
             "24",
             "--batch-size",
             "16",
             "--bptt",
             "24",
             "--steps",
             "300",
             "--learning-rate",
             "2e-2",
             "--precision",
             "f32",
             "--threads",
             "1",
             "--quiet"};
  line.insert(line.end(), c.options.begin(), c.options.end());
  return line;
}

}  // namespace

TEST_CASE("PyTorch loads what inkling trains, strictly, and computes the same loss") {
  const std::string python = python_with_torch();
  if (python.empty()) {
    MESSAGE("no python3 with torch and numpy: not tested");
    return;
  }
  const TempDir dir;
  Words arguments{(source_folder / "tests/model/torch_check.py").string()};
  std::vector<nlohmann::json> ours;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const std::string model = dir.file(c.name + ".safetensors");
    const ProgramResult trained = run_inkling({.arguments = training_of(c, model)});
    REQUIRE_MESSAGE(trained.exit_code == 0, trained.err);

    // With a character that no model knows.
    const std::string text = dir.write(
        c.name + ".txt", beginning(source_folder / "corpora" / c.text, 2000) + "A ☃ stood.\n");
    const ProgramResult result =
        run_inkling({.arguments = {"evaluate", "-m", model, text, "--precision", "f32", "--threads",
                                   "1", "--json"}});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    ours.push_back(nlohmann::json::parse(result.out));
    arguments.insert(arguments.end(), {model, text});
  }

  const ProgramResult result = run_inkling(python_call(python, arguments));
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  std::istringstream lines(result.out);
  for (size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(cases[i].name);
    std::string line;
    REQUIRE(std::getline(lines, line));
    const nlohmann::json theirs = nlohmann::json::parse(line);
    CAPTURE(line);
    const double loss = ours[i].at("loss").get<double>();
    CHECK(loss > 0.5);
    CHECK(theirs.at("plain").get<bool>() == cases[i].plain);
    CHECK(theirs.at("characters") == ours[i].at("characters"));
    CHECK(std::abs(theirs.at("loss").get<double>() - loss) < 1e-4);
    if (!theirs.at("torch_loss").is_null()) {
      CHECK(std::abs(theirs.at("torch_loss").get<double>() - loss) < 1e-4);
    }
  }
}
