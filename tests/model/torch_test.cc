#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "generate/prompt.h"
#include "model/model_file.h"
#include "model/seal.h"
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

// Of characters that no model knows, some of which fold: several code points that are one, cases,
// forms without marks, compatible forms.
const std::string unknown_text =
    "Ａ ☃ stood, É Ǖ x\u030c İı ß ˢ① ﬁ \u1100\u1161 한 "
    "🇩🇪🇫🇷 👩‍🚀 क्ष e\u0301\u0301.\n";

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
             "--steps",
             "300",
             "--learning-rate",
             "2e-2",
             "--precision",
             "f32",
             "--threads",
             "1",
             "--quiet"};
  if (std::ranges::find(c.options, "many-to-one") == c.options.end())
    line.insert(line.end(), {"--bptt", "24"});
  line.insert(line.end(), c.options.begin(), c.options.end());
  return line;
}

nlohmann::json evaluation(const std::string& model, const std::string& text) {
  const ProgramResult result =
      run_inkling({.arguments = {"evaluate", "-m", model, text, "--precision", "f32", "--threads",
                                 "1", "--json"}});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  return nlohmann::json::parse(result.out);
}

void check_hashes(const nlohmann::json& theirs) {
  CHECK(theirs.size() > 30);
  for (const auto& hash : theirs.items()) {
    CAPTURE(hash.key());
    std::string bytes(std::stoul(hash.key()), '\0');
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i + i / 251);
    CHECK(hash.value() == inkling::model::seal_of(inkling::Checksum().add(bytes).value()));
  }
}

void check_losses(const nlohmann::json& theirs, const nlohmann::json& ours, bool plain) {
  const double loss = ours.at("loss").get<double>();
  CHECK(loss > 0.5);
  CHECK(theirs.at("plain").get<bool>() == plain);
  CHECK(theirs.at("characters") == ours.at("characters"));
  CHECK(theirs.at("folded") == ours.at("folded_characters"));
  CHECK(theirs.at("unknown") == ours.at("unknown_characters"));
  CHECK(std::abs(theirs.at("loss").get<double>() - loss) < 1e-5);
  if (!theirs.at("torch_loss").is_null()) {
    CHECK(std::abs(theirs.at("torch_loss").get<double>() - loss) < 1e-5);
  }
  CHECK(theirs.at("nothing").get<bool>());
}

void check_prompts(const nlohmann::json& theirs, const std::string& model) {
  CHECK(theirs.size() > 4);
  const inkling::model::LanguageModel loaded = inkling::model::load_model(model);
  for (const auto& prompt : theirs.items()) {
    CAPTURE(prompt.key());
    CHECK(prompt.value() ==
          nlohmann::json(inkling::generate::prompt_tokens(loaded.tokenizer, prompt.key())));
  }
}

void check_saved(const nlohmann::json& theirs, const std::string& text) {
  CHECK(theirs.at("same").get<bool>());
  const nlohmann::json& saved = theirs.at("saved");
  const double loss = saved.at("loss").get<double>();
  CHECK(saved.at("val_loss").is_null());
  CHECK(saved.at("loaded_loss").get<double>() == loss);
  CHECK(std::abs(loss - theirs.at("loss").get<double>()) > 1e-3);
  const nlohmann::json ours = evaluation(saved.at("path").get<std::string>(), text);
  CHECK(std::abs(ours.at("loss").get<double>() - loss) < 1e-5);
}

}  // namespace

TEST_CASE("PyTorch loads what inkling trains, strictly, computes the same loss, and saves it") {
  const std::string python = python_with_torch();
  if (python.empty()) {
    MESSAGE("no python3 with torch and numpy: not tested");
    return;
  }
  const TempDir dir;
  Words arguments{(source_folder / "tests/model/torch_check.py").string()};
  std::vector<nlohmann::json> ours;
  std::vector<std::string> texts;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const std::string model = dir.file(c.name + ".safetensors");
    const ProgramResult trained = run_inkling({.arguments = training_of(c, model)});
    REQUIRE_MESSAGE(trained.exit_code == 0, trained.err);

    texts.push_back(dir.write(c.name + ".txt",
                              beginning(source_folder / "corpora" / c.text, 2000) + unknown_text));
    ours.push_back(evaluation(model, texts.back()));
    arguments.insert(arguments.end(), {model, texts.back()});
  }

  const ProgramResult result = run_inkling(python_call(python, arguments));
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  std::istringstream lines(result.out);
  std::string line;
  REQUIRE(std::getline(lines, line));
  check_hashes(nlohmann::json::parse(line).at("xxh3"));
  int64_t folded = 0;
  for (size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(cases[i].name);
    REQUIRE(std::getline(lines, line));
    CAPTURE(line);
    const nlohmann::json theirs = nlohmann::json::parse(line);
    check_losses(theirs, ours[i], cases[i].plain);
    check_prompts(theirs.at("prompts"), arguments[1 + 2 * i]);
    check_saved(theirs, texts[i]);
    folded = std::max(folded, theirs.at("folded").get<int64_t>());
  }
  CHECK(folded >= 8);
}

TEST_CASE("the PyTorch module refuses an empty text and a damaged model in a sentence") {
  const std::string python = python_with_torch();
  if (python.empty()) {
    MESSAGE("no python3 with torch and numpy: not tested");
    return;
  }
  const TempDir dir;
  const fs::path models = source_folder / "models";
  const std::string shipped = (models / "english.safetensors").string();
  std::string damaged = bytes_of_file(shipped);
  damaged[damaged.size() / 2] ^= 1;
  const auto refusal = [&](const std::string& model, const std::string& text) {
    const ProgramResult result = run_inkling(python_call(
        python, {(models / "inkling_torch.py").string(), model, dir.write("text", text)}));
    CHECK(result.exit_code == 1);
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    return result.err;
  };
  CHECK(refusal(shipped, "").find("too short") != std::string::npos);
  CHECK(refusal(dir.write("damaged", damaged), "A text.").find("damaged") != std::string::npos);
}
