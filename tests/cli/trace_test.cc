// inkling trace: what a model sees and expects, step by step.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "model/model_file.h"
#include "nn/parameter_layout.h"
#include "support/lines.h"
#include "support/sample_model.h"
#include "support/tiny_model.h"

using namespace inkling::testing;
using nlohmann::json;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("trace has a step for each character, with what came next and how likely it was") {
  const json result = TinyModel::get().run_json("trace", {"The cat"});
  CHECK(result.at("text") == "The cat");
  const json& steps = result.at("steps");
  REQUIRE(steps.size() == 8);
  CHECK(steps[0].at("input") == "\n");  // it begins a line
  CHECK(steps[0].at("came") == "T");
  CHECK(steps[1].at("input") == "T");
  CHECK(steps[1].at("came") == "h");
  CHECK(steps[1].at("came_probability").get<double>() > 0.5);
  CHECK(steps[7].at("came").is_null());
  for (const json& step : steps) {
    CHECK(step.at("hidden_state").size() == 16);
    CHECK(step.at("hidden_norm").get<double>() > 0);
    REQUIRE(step.at("best").size() == 3);
    CHECK(step.at("best")[0].at("probability") >= step.at("best")[1].at("probability"));
  }
  const ProgramResult table = TinyModel::get().run("trace", {"The cat"});
  CHECK(lines_of(table.out).size() == 9);
  CHECK(has(table.out, "␣"));
}

TEST_CASE("trace --words has a step for each word, with the best next one") {
  const json steps =
      TinyModel::get().run_json("trace", {"--words", "The cat sat on the mat."}).at("steps");
  REQUIRE(steps.size() == 6);
  CHECK(steps[1].at("input") == "cat");
  CHECK(steps[1].at("came") == "sat");
  // As probable as when it is suggested.
  const json suggested = TinyModel::get().run_json("complete", {"The cat", "--next", "-k", "20"});
  for (const json& word : suggested.at("completions")) {
    if (word.at("word") != "sat") continue;
    CHECK(steps[1].at("came_probability").get<double>() ==
          doctest::Approx(word.at("probability").get<double>() *
                          suggested.at("condition").get<double>())
              .epsilon(0.02));
  }
  CHECK(steps[5].at("came").is_null());
  CHECK(steps[2].at("best").size() <= 1);
  // The table has room for that one alone.
  const ProgramResult table = TinyModel::get().run("trace", {"--words", "The cat sat"});
  const std::vector<std::string> lines = lines_of(table.out);
  REQUIRE(lines.size() == 4);
  REQUIRE(has(lines[0], "came"));
  CHECK(lines[0].find("came") < lines[0].find("best") + 22);
}

TEST_CASE("trace --words of a text without words says so") {
  const ProgramResult result = TinyModel::get().run("trace", {"--words", "..."});
  CHECK(result.exit_code == 0);
  CHECK(result.out.empty());
  CHECK(has(result.err, "there is no word in the text"));
}

TEST_CASE("trace --words gives what is unknown no more than a probability") {
  const TempDir dir;
  inkling::model::LanguageModel model =
      sample_model(inkling::nn::NetworkSpec::chain(0, 0, inkling::nn::CellKind::gru, 1, 8),
                   {"\n", " ", "a", "b"});
  const inkling::nn::ParameterLayout layout(model.config.network);
  model.weights[static_cast<size_t>(layout.at("fc.bias").offset + model.vocabulary().unknown())] =
      5;
  const std::string path = dir.file("m.safetensors");
  inkling::model::save_model(path, {model, {}, {}});
  const json steps = json::parse(
      run_inkling({.arguments = {"trace", "-m", path, "--words", "--json", "abж жж"}}).out);
  const double unknown = steps.at("steps")[0].at("came_probability").get<double>();
  CHECK(unknown > 0);
  CHECK(unknown < 1);
}
