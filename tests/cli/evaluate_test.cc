// inkling evaluate: scores by line, documents typed, and models whose numbers are none.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "model/model_file.h"
#include "support/letters_model.h"
#include "support/tiny_model.h"

namespace inkling::testing {
namespace {

using nlohmann::json;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

json evaluated(const std::string& model, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"evaluate", "-m", model, "--json"});
  const ProgramResult result = run_inkling({.arguments = arguments});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  return json::parse(result.out);
}

// The tiny model with finite weights so large that their sums are not.
std::string model_without_numbers(const TempDir& dir) {
  model::ModelFile file = model::load_model_file(TinyModel::get().path());
  for (float& weight : file.model.weights)
    weight = std::copysign(std::numeric_limits<float>::max(), weight);
  std::string path = dir.file("broken.safetensors");
  model::save_model(path, file);
  return path;
}

TEST_CASE("--per-line --json has the sums of each line, which add up to the whole") {
  const TempDir dir;
  const std::string file = dir.write("lines.txt", "The cat sat.\n\nThe dog slept.\nno end");
  const json whole = evaluated(TinyModel::get().path(), {file, "--per-line"});
  const json& lines = whole.at("lines");
  REQUIRE(lines.size() == 3);
  const std::pair<int, const char*> expected[] = {
      {1, "The cat sat."}, {3, "The dog slept."}, {4, "no end"}};
  double nats = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    const json& line = lines[i];
    CHECK(line.at("line") == expected[i].first);
    CHECK(line.at("text") == expected[i].second);
    // The line end is predicted too, the very first character is not.
    const size_t ends = i < 2 ? 1 : 0, first = i == 0 ? 1 : 0;
    CHECK(line.at("characters") == std::string(expected[i].second).size() + ends - first);
    CHECK(line.at("loss").get<double>() ==
          doctest::Approx(line.at("nats").get<double>() / line.at("characters").get<double>()));
    nats += line.at("nats").get<double>();
  }
  // The empty line has no row, and one character.
  const double all = whole.at("loss").get<double>() * whole.at("characters").get<double>();
  CHECK(nats < all);
  CHECK(nats > 0.5 * all);
  CHECK_FALSE(whole.contains("scores"));
}

TEST_CASE("--completion types each document by itself, and no end of one") {
  const TempDir dir;
  const json typed = evaluated(letters_model(dir, true),
                               {dir.write("lines.txt", "a b\n\nab\nb\n"), "--completion"});
  CHECK(typed.at("characters") == 6);
  CHECK(typed.at("words") == 4);
}

TEST_CASE("a model whose probabilities are no numbers is not scored, in whichever pass") {
  const TempDir dir;
  const std::string model = model_without_numbers(dir), corpus = TinyModel::get().corpus();
  for (const std::vector<std::string>& pass : std::vector<std::vector<std::string>>{
           {}, {"--json"}, {"--window", "20"}, {"--streams", "3"}, {"--per-line"}, {"--adapt"}}) {
    std::vector<std::string> line{"evaluate", "-m", model, corpus, "--precision", "f32"};
    line.insert(line.end(), pass.begin(), pass.end());
    const ProgramResult result = run_inkling({.arguments = line});
    CHECK(result.exit_code == 1);
    CHECK(result.out.empty());
    CHECK_MESSAGE(has(result.err, "inkling: the probabilities of all characters add up to 1 only"),
                  result.err);
  }
}

}  // namespace
}  // namespace inkling::testing
