// inkling evaluate: scores by line, documents typed, and models whose numbers are none.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
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

TEST_CASE("--apart scores each line as if a text began with it") {
  const TempDir dir;
  const std::string model = TinyModel::get().path();
  const std::vector<std::string> lines{"The cat sat.", "The dog slept.", "The cat slept."};
  const auto scores = [&](const std::string& text, std::vector<std::string> options) {
    options.insert(options.begin(), {dir.write("lines.txt", text), "--per-line", "--apart"});
    options.insert(options.end(), {"--precision", "f32"});
    std::map<std::string, double> nats;
    const json result = evaluated(model, options);
    for (const json& line : result.at("lines")) {
      const std::string sentence = line.at("text").get<std::string>();
      nats[sentence + "@" + std::to_string(line.at("line").get<int>())] = line.at("nats");
      CHECK(line.at("characters") == sentence.size() + 1);
    }
    return nats;
  };
  const auto forward = scores(lines[0] + "\n" + lines[1] + "\n" + lines[2] + "\n", {}),
             back = scores(lines[2] + "\n" + lines[1] + "\n" + lines[0] + "\n", {});
  REQUIRE(forward.size() == 3);
  CHECK(forward.at(lines[0] + "@1") == doctest::Approx(back.at(lines[0] + "@3")));
  CHECK(forward.at(lines[1] + "@2") == doctest::Approx(back.at(lines[1] + "@2")));
  CHECK(forward.at(lines[2] + "@3") == doctest::Approx(back.at(lines[2] + "@1")));
  // In windows that hold more than a line, too.
  const auto windows =
      scores(lines[0] + "\n" + lines[1] + "\n" + lines[2] + "\n", {"--window", "64"});
  CHECK(windows.at(lines[1] + "@2") == doctest::Approx(forward.at(lines[1] + "@2")).epsilon(1e-4));
}

TEST_CASE("--per-line sums what ranks lines, and --apart knows every line end") {
  const TempDir dir;
  const ProgramResult table =
      run_inkling({.arguments = {"evaluate", "-m", TinyModel::get().path(), "--per-line", "--apart",
                                 dir.write("two.txt", "The cat.\nThe cat")}});
  const std::string first = table.out.substr(0, table.out.find('\n'));
  CHECK(std::count(first.begin(), first.end(), '\t') == 4);
  CHECK(has(table.out, "\t9\tThe cat.\n"));
  CHECK(has(table.out, "\t8\tThe cat\n"));  // its end is predicted, too
  text::TextOptions options;
  options.line_ends = text::LineEnds::keep;
  const std::string kept = dir.file("kept.safetensors");
  model::save_model(kept, {sample_model(nn::NetworkSpec::chain(0, 0, nn::CellKind::gru, 1, 8),
                                        {"\r\n", "a", "b"}, options),
                           {},
                           {}});
  const json lines =
      evaluated(kept, {dir.write("crlf.txt", "ab\r\nb\r\nab\r\n"), "--per-line", "--apart"})
          .at("lines");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].at("nats") == lines[2].at("nats"));
  const std::string none = dir.file("none.safetensors");
  model::save_model(
      none, {sample_model(nn::NetworkSpec::chain(0, 0, nn::CellKind::gru, 1, 8), {"a", "b"}, {}),
             {},
             {}});
  const ProgramResult refused = run_inkling(
      {.arguments = {"evaluate", "-m", none, "--apart", dir.write("ab.txt", "ab\nb\n")}});
  CHECK(refused.exit_code == 1);
  CHECK(has(refused.err, "the model knows no line feed"));
}

TEST_CASE("bits per byte count the bytes of what was predicted, in every part") {
  const TempDir dir;
  const std::string model = letters_model(dir, true), file = dir.write("l.txt", "ab\nba\naab\n");
  const json whole = evaluated(model, {file});
  const json part = evaluated(model, {file, "--part", "train", "--split", "100/0/0"});
  CHECK(whole.at("bytes") == 10);
  CHECK(part.at("bytes") == 10);
  CHECK(whole.at("bits_per_byte") == part.at("bits_per_byte"));
  const json two = evaluated(letters_model(dir), {dir.write("two.txt", "ab")});
  CHECK(two.at("bits_per_byte") == two.at("bpc"));
  const json unknown = evaluated(letters_model(dir), {dir.write("snow.txt", "☃ab")});
  CHECK(unknown.at("bytes") == 2);
  CHECK(unknown.at("unknown_characters") == 0);
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
