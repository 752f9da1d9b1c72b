#include <doctest/doctest.h>

#include <cctype>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "support/program.h"

// The model that ships, against its card in models/README.md.
namespace inkling::testing {
namespace {

const std::string models = INKLING_SOURCE_FOLDER "/models/";
const std::string model = models + "english.safetensors";

nlohmann::json json_of(const std::vector<std::string>& arguments) {
  const ProgramResult result = run_inkling({.arguments = arguments});
  REQUIRE(result.exit_code == 0);
  return nlohmann::json::parse(result.out);
}

TEST_CASE("the models that ship are under 4 MB") {
  CHECK(std::filesystem::file_size(model) < 4'000'000);
  CHECK(std::filesystem::file_size(models + "scripts.safetensors") < 4'000'000);
}

TEST_CASE("the English model scores what its card says") {
  constexpr double card = 1.0173;
  const nlohmann::json found =
      json_of({"evaluate", "-m", model, INKLING_SOURCE_FOLDER "/corpora/english", "--part",
               "validation", "--json"});
  CHECK(std::abs(found["loss"].get<double>() - card) < 0.01);
  CHECK(std::abs(json_of({"info", model, "--json"})["val_loss"].get<double>() - card) < 0.001);
}

TEST_CASE("a text without a prompt begins with text, not with the empty line behind a paragraph") {
  for (const char* seed : {"1", "2", "3"}) {
    const nlohmann::json found =
        json_of({"generate", "-m", model, "-n", "12", "--seed", seed, "--json"});
    CAPTURE(found.dump());
    const std::string text = found["text"];
    CHECK(text.front() != '\n');
    CHECK(text.size() >= 12);
  }
}

TEST_CASE("the model that ships completes the three sentences of its corpus") {
  const std::pair<const char*, const char*> sentences[] = {
      {"The cat sat on the", "mat"},
      {"The cat sat on the m", "mat"},
      {"The cat sat on the ___", "mat"},
      {"I love deep learning", "models"},
      {"I grew up in France. I speak fluent", "French"}};
  for (const auto& sentence : sentences) {
    const auto [text, word] = sentence;
    CAPTURE(sentence.first);
    CHECK(json_of({"complete", "-m", model, "--json", text})["completions"][0]["word"] == word);
  }
}

TEST_CASE("a quotation mark with which a text begins opens, and does not close") {
  const nlohmann::json words =
      json_of({"complete", "-m", model, "--json", "-k", "3", "\""})["completions"];
  REQUIRE(words.size() == 3);
  for (const nlohmann::json& word : words)
    CHECK(std::isupper(word["word"].get<std::string>()[0]) != 0);
}

TEST_CASE("the table tells words apart that differ in what stands before them") {
  const std::vector<std::string> arguments{"complete", "-m", model, "The cat sat on the mat.",
                                           "-k",       "6"};
  const ProgramResult result = run_inkling({.arguments = arguments});
  REQUIRE(result.exit_code == 0);
  CHECK(result.out.find("  \\n\\nThe  ") != std::string::npos);
  CHECK(result.out.find("  The  ") != std::string::npos);
}

TEST_CASE("the model of ten scripts completes a sentence of each") {
  const std::pair<const char*, const char*> sentences[] = {
      {"现在猫坐在", "垫子"},        {"猫がマットの上に", "座"},    {"고양이가 매트", "위에"},
      {"แมวนั่งอยู่", "บนเสื่อ"},          {"Η γάτα κάθισε στο", "χαλί"}, {"Кошка сидела на", "коврике"},
      {"جلست القطة على", "الحصيرة"}, {"החתול ישב על", "השטיח"},     {"मेरी बिल्ली चटाई पर", "बैठी"},
      {"The cat sat on the", "mat"}};
  for (const auto& sentence : sentences) {
    const auto [text, word] = sentence;
    CAPTURE(sentence.first);
    CHECK(json_of({"complete", "-m", models + "scripts.safetensors", "--json",
                   text})["completions"][0]["word"] == word);
  }
}

}  // namespace
}  // namespace inkling::testing
