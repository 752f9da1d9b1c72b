// inkling complete: phrases, gaps, and questions line after line.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/limits.h"
#include "support/letters_model.h"
#include "support/tiny_model.h"

namespace inkling::testing {
namespace {

using nlohmann::json;

ProgramResult complete(std::vector<std::string> arguments, const std::string& input = "") {
  return TinyModel::get().run("complete", std::move(arguments), input);
}

json ask(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  const ProgramResult result = complete(std::move(arguments));
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  return json::parse(result.out);
}

std::vector<json> answers(const std::vector<std::string>& lines) {
  std::string input;
  for (const std::string& line : lines) input += line + "\n";
  const ProgramResult result = complete({"--stdin", "--json", "-k", "2"}, input);
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  std::vector<json> parsed;
  std::istringstream stream(result.out);
  for (std::string line; std::getline(stream, line);) parsed.push_back(json::parse(line));
  return parsed;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("complete --json tells the bounds of each word and what was looked at") {
  const json result = ask({"The cat sat on the ", "-k", "3"});
  CHECK(result.at("expansions").get<int64_t>() > 0);
  for (const json& completion : result.at("completions")) {
    const double p = completion.at("probability").get<double>();
    CHECK(completion.at("low").get<double>() <= p);
    CHECK(completion.at("high").get<double>() >= p);
    CHECK_FALSE(completion.contains("words"));
  }
}

TEST_CASE("a budget too small is admitted, in JSON and in words") {
  const json result = ask({"The cat ", "--max-expansions", "1"});
  CHECK(result.at("proven") == false);
  CHECK(result.at("open_mass").get<double>() > 0.1);
  CHECK(result.at("expansions") == 1);
  CHECK(has(complete({"The cat ", "--max-expansions", "1"}).err, "not proven: "));
  CHECK(ask({"The cat ", "-k", "1"}).at("proven") == true);
  CHECK(has(complete({"The cat ", "-k", "1"}).err,
            "proven: no other is more probable; all others share "));
  CHECK_FALSE(has(complete({"The cat ", "-k", "1"}).err, "not proven"));
}

TEST_CASE("--words completes several words, and calls nothing proven") {
  const json result = ask({"The cat sat", "--words", "2", "-k", "3"});
  CHECK(result.at("proven") == false);
  const json& first = result.at("completions").at(0);
  CHECK(first.at("words") == json{"on", "the"});
  CHECK(first.at("word") == "on the");
  CHECK(first.at("insert") == " on the");
  const ProgramResult table = complete({"The cat sat", "--words", "2"});
  CHECK(has(table.out, "on the"));
  CHECK(has(table.err, "not proven"));
}

TEST_CASE("a condition that is no matter of course is said") {
  const json sure = ask({"The cat sat on the "});
  CHECK(sure.at("condition") == 1);
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult end = tiny.run("complete", {"The cat sat on the mat", "--next"});
  const json result = ask({"The cat sat on the mat", "--next"});
  CHECK(result.at("condition") < 0.9);
  CHECK_MESSAGE(has(end.err, "given that a space follows, whose probability is "), end.err);
  CHECK_FALSE(has(tiny.run("complete", {"The cat sat on the "}).err, "given that"));
}

TEST_CASE("--ensemble completes by the mean of several models") {
  const TinyModel& tiny = TinyModel::get();
  // Of one model twice it is that model's.
  const json one = ask({"The cat sat on the ", "--precision", "f32"});
  const json two =
      ask({"The cat sat on the ", "--precision", "f32", "--ensemble", "-m", tiny.path()});
  CHECK(two.at("completions")[0].at("word") == one.at("completions")[0].at("word"));
  CHECK(two.at("completions")[0].at("probability").get<double>() ==
        doctest::Approx(one.at("completions")[0].at("probability").get<double>()).epsilon(1e-4));
}

TEST_CASE("a text with a gap in its midst is filled, unasked") {
  const TinyModel& tiny = TinyModel::get();
  const ProgramResult asked = tiny.run("complete", {"--fill", "The ___ sat on the mat."});
  CHECK(tiny.run("complete", {"The ___ sat on the mat."}).out == asked.out);
  CHECK(answers({R"("The ___ sat on the mat.")"})[0].at("completions") ==
        ask({"--fill", "The ___ sat on the mat.", "-k", "2"}).at("completions"));
  CHECK_FALSE(answers({R"({"prompt": "The ___ sat", "fill": false})"})[0].contains("right"));
  CHECK(has(complete({"The cat___ sat on the mat."}).out, "(nothing)"));
  CHECK_FALSE(answers({R"({"prompt": "The ___ sat", "next": true})"})[0].contains("right"));
  // Of a longer text its end is completed, and by --insert always.
  CHECK_FALSE(answers({R"("The cat sat.\n___\nThe dog")"})[0].contains("right"));
  CHECK(tiny.run("complete", {"The ___ sat", "--insert"}).exit_code == 0);
  CHECK(ask({"--fill", "The ___ sat on the mat."}).at("ended_early") == false);
  const ProgramResult early =
      tiny.run("complete", {"The ___ sat on the mat.", "--max-expansions", "1"});
  CHECK(has(early.err, "was ended early"));
  CHECK_FALSE(has(early.err, "no word that could stand here"));
  CHECK(tiny.run("complete", {"The ___ sat", "--words", "2"}).exit_code == 2);
}

TEST_CASE("an answer says how much of the text the model does not know") {
  const json known = ask({"The cat"});
  CHECK(known.at("unknown_characters") == 0);
  CHECK(known.at("folded_characters") == 0);
  const json strange = ask({"漢 The CÁT"});
  CHECK(strange.at("unknown_characters") == 1);
  CHECK(strange.at("folded_characters") >= 2);
}

TEST_CASE("--fill ranks words by what stands on both sides") {
  const json result = ask({"The cat ___ on the mat", "--fill", "-k", "3"});
  CHECK(result.at("left") == "The cat ");
  CHECK(result.at("right") == " on the mat");
  CHECK(result.at("proven") == false);
  double sum = 0, before = 0;
  for (const json& completion : result.at("completions")) {
    sum += completion.at("probability").get<double>();
    const double nats = completion.at("text_log_probability").get<double>();
    CHECK((before == 0 || nats <= before));
    before = nats;
  }
  CHECK(sum <= 1 + 1e-9);
  const std::string best = result.at("completions").at(0).at("insert");
  CHECK((best == "sat" || best == "slept" || best == "stood"));
  const ProgramResult none = complete({"The cat", "--fill"});
  CHECK(none.exit_code == 2);
  CHECK(has(none.err, "needs a gap"));
}

TEST_CASE("what only a gap has a use for is judged by the text, also where that is read") {
  const ProgramResult from_input =
      TinyModel::get().run("complete", {"--candidates", "50", "-"}, "The ___ sat on the mat");
  CHECK_MESSAGE(from_input.exit_code == 0, from_input.err);
  const ProgramResult no_gap =
      TinyModel::get().run("complete", {"--candidates", "50", "-"}, "The cat sat");
  CHECK(has(no_gap.err, "--candidates does nothing without --fill"));
}

TEST_CASE("--fill shows people a table, the same words in the same order") {
  const std::vector<std::string> question{"The cat ___ on the mat", "--fill", "-k", "3"};
  const json result = ask(question);
  const ProgramResult table = complete(question);
  REQUIRE_MESSAGE(table.exit_code == 0, table.err);
  std::istringstream lines(table.out);
  std::string line;
  for (const json& completion : result.at("completions")) {
    REQUIRE(std::getline(lines, line));
    const double percent = completion.at("probability").get<double>() * 100;
    CHECK_MESSAGE(has(line, "  " + completion.at("word").get<std::string>() + " "), line);
    CHECK(std::stod(line.substr(line.find('%') - 7)) == doctest::Approx(percent).epsilon(0.01));
  }
  CHECK_FALSE(std::getline(lines, line));
  CHECK(has(table.err, "their shares among " + std::to_string(result.at("candidates").get<int>()) +
                           " candidates; not proven"));
}

TEST_CASE("a model that knows no word for a place says so") {
  const TempDir dir;
  const std::string model = letters_model(dir, true);
  for (const std::vector<std::string>& question :
       std::vector<std::vector<std::string>>{{"a", "--next"}, {"a ___ b", "--fill"}}) {
    std::vector<std::string> line{"complete", "-m", model};
    line.insert(line.end(), question.begin(), question.end());
    const ProgramResult result = run_inkling({.arguments = line});
    CHECK_MESSAGE(result.exit_code == 0, result.err);
    CHECK_MESSAGE(has(result.err, "the model knows no word that could stand here"), result.err);
    CHECK(result.out ==
          (question.back() == "--next" ? "  -  <end>  100.00 %  ████████████████████\n" : ""));
  }
}

TEST_CASE("the end of a text is one of the answers, and nothing is inserted where it is the best") {
  const TempDir dir;
  const std::string path = dir.file("lines.safetensors");
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += i % 4 == 0 ? "go home\n" : "stop\n";
  const ProgramResult trained =
      run_inkling({.arguments = tiny_training(
                       dir.write("lines.txt", lines), path,
                       {"--documents", "line", "--steps", "400", "--learning-rate", "1e-2"})});
  REQUIRE_MESSAGE(trained.exit_code == 0, trained.err);
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"complete", "-m", path});
    const ProgramResult result = run_inkling({.arguments = more});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    return result.out;
  };
  const std::string table = run({"stop", "-k", "2"});
  CHECK_MESSAGE(table.starts_with("  -  <end>"), table);
  CHECK_MESSAGE(has(table, "\n  1  "), table);
  const json stop = json::parse(run({"stop", "-k", "2", "--json"}));
  CHECK(stop.at("no_word") > 0.9);
  double sum = stop.at("no_word").get<double>() + stop.at("open_mass").get<double>();
  for (const json& completion : stop.at("completions"))
    sum += completion.at("probability").get<double>();
  CHECK(sum < 1 + 1e-3);
  CHECK(run({"stop", "-k", "1", "--insert"}).empty());
  CHECK(run({"stop", "-k", "5", "--insert"}).empty());
  CHECK(run({"go", "-k", "1", "--insert"}) == " home\n");
  CHECK(run({"sto", "-k", "1", "--insert"}) == "p\n");
}

TEST_CASE("--insert has as many lines as were asked for, where they can be printed on one") {
  // Behind a line's end most answers begin with another.
  const std::string found = complete({"--insert", "-k", "4", "The cat sat on the mat.\n"}).out;
  CHECK_MESSAGE(std::count(found.begin(), found.end(), '\n') == 4, found);
}

TEST_CASE("an answer without words says whether there are none or time was short") {
  const ProgramResult result = complete({"The cat", "--next", "-k", "1", "--time-limit-ms", "1"});
  CHECK_FALSE(has(result.err, "knows no word"));
}

TEST_CASE("--stdin --json answers every line, and says what is wrong with one") {
  const std::vector<json> found = answers(
      {R"("The cat sat on the m")", R"({"prompt": "The cat sat on the", "k": 1, "id": [7, "x"]})",
       R"({"prompt": "The cat", "kk": 2, "id": 8})", "The cat", R"({"k": 1})", "",
       R"({"prompt": "The cat", "k": 0})", R"({"prompt": "The cat", "k": 1.5})",
       R"({"prompt": "The cat", "next": 1})", R"({"prompt": ["The"]})", "[1]",
       R"({"prompt": "The", "next": true, "begun": true})", "\"\xff\"",
       R"({"prompt": "The cat ___ on the mat", "fill": true, "max_expansions": 500})",
       R"("The dog")", R"({"prompt": "The cat", "fill": 1})",
       R"({"prompt": "The cat ___ on the mat", "fill": true, "max_expansions": 500})",
       R"({"prompt": "The cat", "id": null})"});
  REQUIRE(found.size() == 18);
  CHECK(found[17].at("id").is_null());
  CHECK(found[0].at("begun") == "m");
  CHECK(found[0].at("completions").size() == 2);
  CHECK_FALSE(found[0].contains("id"));
  CHECK(found[1].at("completions").size() == 1);
  CHECK(found[1].at("id") == json{7, "x"});
  CHECK(found[2].at("id") == 8);
  const std::vector<std::pair<size_t, const char*>> errors{
      {2, "did you mean 'k'"},
      {3, "not valid JSON"},
      {4, "\"prompt\" is missing"},
      {5, "not valid JSON"},
      {6, "\"k\": 0 is out of range"},
      {7, "whole number"},
      {8, "true or false"},
      {9, "has to be a text"},
      {10, "object or string"},
      {11, "exclude each other"},
      {12, "not valid JSON"},
      {15, "\"fill\" has to be true or false"}};
  for (const auto& [i, part] : errors) {
    const json& object = found[i];
    CHECK(object.at("line") == i + 1);
    CHECK_MESSAGE(has(object.at("error").get<std::string>(), part), object.dump());
  }
  CHECK(found[13].at("completions").size() == 2);
  CHECK(found[14].at("prompt") == "The dog");
  CHECK(found[16].at("completions") == found[13].at("completions"));
  // The same as alone.
  CHECK(found[0] == ask({"The cat sat on the m", "-k", "2"}));
}

TEST_CASE("a line that does not end is refused before it takes all memory") {
  const TinyModel& tiny = TinyModel::get();
  const std::string endless(static_cast<size_t>(limits::line_bytes) + 8192, 'a');
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"complete", "--stdin", "-m", tiny.path()},
        {"prompt", "-m", tiny.path()}}) {
    const ProgramResult result = run_inkling({.arguments = arguments, .input = endless});
    CHECK(result.exit_code == 1);
    CHECK(has(result.err, "a line has more than 64 MiB"));
  }
}

TEST_CASE("--stdin answers lines of text with tables, each ended by an empty line") {
  const ProgramResult result = complete({"--stdin", "-k", "1"}, "The cat sat on the\n\xff\nThe\n");
  CHECK(result.exit_code == 1);
  CHECK(has(result.err, "line 2: the text is not UTF-8"));
  size_t ends = 0;
  for (size_t at = result.out.find("\n\n"); at != std::string::npos;
       at = result.out.find("\n\n", at + 1))
    ++ends;
  CHECK(ends == 3);
}

TEST_CASE("an answer comes before the next line is asked for") {
  const TinyModel& tiny = TinyModel::get();
  Program program({.arguments = {"complete", "-m", tiny.path(), "--stdin", "--json"},
                   .folder = tiny.folder(),
                   .terminal_columns = 200});
  for (const char* id : {"11", "12"}) {
    program.type(std::string(R"({"prompt": "The cat", "id": )") + id + "}\n");
    CHECK(program.wait_for(std::string("\"id\":") + id));
  }
  program.type("\x04");
  CHECK(program.finish().exit_code == 0);
}

}  // namespace
}  // namespace inkling::testing
